# Source me: `. scripts/venv.sh` (to use classwatch) or `. scripts/venv.sh dev` (to test it).
# Makes or reuses a virtual environment outside the checkout, one for each state of pyproject.toml and
# constraints.txt, puts this checkout into it and its commands first on the PATH.
_cw_extra="${1:+[$1]}"
_cw_state="$(cat pyproject.toml constraints.txt | python3 -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:12])')"
_cw_venv="${CLASSWATCH_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/classwatch/venv-$_cw_state${1:+-$1}}"
if [ ! -f "$_cw_venv/ready" ]; then
  python3 -m venv "$_cw_venv" &&
    "$_cw_venv/bin/python" -m pip install --quiet --constraint constraints.txt --editable ".$_cw_extra" &&
    touch "$_cw_venv/ready"
fi &&
  "$_cw_venv/bin/python" -m pip install --quiet --no-deps --editable . &&
  export PATH="$_cw_venv/bin:$PATH"
