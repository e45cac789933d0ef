"""Classroom sentences labelled by hand before the rules were run on them.

``asks`` is the surface form a reader sees, or None for a sentence that is no question. They carry
no question mark, because recognised speech often has none; commas are kept.
"""

from __future__ import annotations

from classwatch.core.questions import QuestionKind

P, G, V, A, W, N = (
    QuestionKind.PARTICLE,
    QuestionKind.TAG,
    QuestionKind.A_NOT_A,
    QuestionKind.ALTERNATIVE,
    QuestionKind.WH,
    QuestionKind.INVERSION,
)

CHINESE: tuple[tuple[str, QuestionKind | None], ...] = (
    # particles
    ("大家都做完了吗", P),
    ("你们预习过这一课吗", P),
    ("还有同学有不同的意见吗", P),
    ("你呢", P),
    ("那这一边呢", P),
    ("如果分母不相同呢", P),
    # tags
    ("这两个三角形全等，对不对", G),
    ("我们刚才学过，对吧", G),
    ("先算乘除后算加减，是不是啊", G),
    ("我们一起来读一遍好不好呀", G),
    ("听懂了吧", G),
    # verb-not-verb
    ("你能不能用自己的话说一说", V),
    ("这个答案是不是最简分数", V),
    ("有没有人愿意到黑板上来写", V),
    ("作业写完了没有", V),
    ("这样做可不可以", G),
    ("你们知不知道它的首都", V),
    # choices
    ("它是奇数还是偶数", A),
    ("这句话是比喻还是拟人呢", A),
    # question words
    ("二分之一加三分之一等于多少", W),
    ("谁来回答这个问题", W),
    ("为什么先要通分呢", W),
    ("这篇课文主要写了什么", W),
    ("哪位同学愿意试一试", W),
    ("你是怎么想的", W),
    ("图中一共有几个三角形", W),
    ("这个实验说明了什么", W),
    ("小明为什么会这样做", W),
    ("水的沸点是多少度啊", W),
    ("接下来应该怎么办", W),
    ("哪一段写的是春天", W),
    ("三角形的面积怎么求", W),
    ("请你说说为什么要这样做", W),
    ("想一想这里用了什么方法", W),
    ("我们先看题，这道题要求什么", W),
    # no questions
    ("今天我们学习分数的加法", None),
    ("请同学们打开课本第二十页", None),
    ("非常正确，请坐", None),
    ("我们来看看什么是通分", None),
    ("今天我们来学习怎么计算圆的面积", None),
    ("我不知道他说的是什么意思", None),
    ("没什么，继续往下读", None),
    ("什么时候都要注意安全", None),
    ("谁先做完谁就举手", None),
    ("不管是谁都要遵守纪律", None),
    ("无论遇到什么困难都不要放弃", None),
    ("这几个同学坐得很端正", None),
    ("几乎所有的同学都对了", None),
    ("前几天我们学过这个公式", None),
    ("我来告诉你们为什么", None),
    ("好吧，我们开始上课", None),
    ("那我们就开始吧", None),
    ("把书合上吧", None),
    ("对于语文来说呢，我们要多积累", None),
    ("他们正在操场上跑步呢", None),
    ("时间还早着呢", None),
    ("你还是先听老师说完", None),
    ("我们还是用原来的方法", None),
    ("不得不承认他说得很有道理", None),
    ("他动不动就发脾气", None),
    ("不是不让你说，是要先举手", None),
    ("理解了什么是分数，题目就简单了", None),
    ("大家都知道怎么做了", None),
    ("多少有点难度", None),
    ("有什么问题可以随时举手", None),
    ("多读几遍就会了", None),
)

ENGLISH: tuple[tuple[str, QuestionKind | None], ...] = (
    ("what is your favourite season", W),
    ("so why did the water boil", W),
    ("how many sides does it have", W),
    ("who can tell me the answer", W),
    ("okay which one is bigger", W),
    ("what colour is the sky", W),
    ("where did he go", W),
    ("what about number five", W),
    ("when was the bridge built", W),
    ("how do you know that", W),
    ("tell me why you chose that", W),
    ("can anyone help him", N),
    ("is it a verb", N),
    ("do you agree with her", N),
    ("have you finished", N),
    ("are there any more ideas", N),
    ("did the author like the city", N),
    ("would you read the next line", N),
    ("could this be a fraction", N),
    ("is it a noun or a verb", A),
    ("did he walk or run", A),
    ("it's a triangle, isn't it", G),
    ("you can see it, can't you", G),
    # no questions
    ("today we learn about fractions", None),
    ("do your homework tonight", None),
    ("do it again please", None),
    ("have a seat", None),
    ("have your books ready", None),
    ("when you finish, close your book", None),
    ("what i want you to do is read", None),
    ("what a great answer", None),
    ("how nice", None),
    ("which is why we simplify", None),
    ("i don't know what it is", None),
    ("let me tell you why", None),
    ("we will see how it works", None),
    ("don't talk please", None),
    ("where there is smoke there is fire", None),
    ("whatever you do, write it down", None),
    ("well done everybody", None),
    ("that is how you do it", None),
    ("will power is important", None),
    ("may the best team win", None),
)

KNOWN_ERRORS = ("如何提高写作水平，是这节课的重点",)
"""No questions, but the rules take them for some."""
