"""Scorers: each counts in one lesson and turns pooled counts into figures.

Every scorer is a frozen dataclass of its options with ``name``, ``count(...)`` (a ``Tally``) and
``figures(pooled)``. Options that change a number stand in the metric id, after ``@``.

=====================  ====================================  =====================================
scorer                 what its ``count`` takes              what it says
=====================  ====================================  =====================================
``Diarisation``        turns, scored time                    diarisation error rate of voices
``RoleDiarisation``    turns, scored time                    the same of roles
``Jaccard``            turns, scored time                    Jaccard error rate
``SpeakerCount``       turns, scored time                    error of the number of voices
``VoiceActivity``      speech, scored time                   speech missed, silence taken for it
``SpeakerRoles``       turns, scored time                    accuracy, kappa, F1 of who talks
``TurnBoundaries``     turns, scored time                    edges found, and how far off
``WaitTime``           pauses                                pauses found, error of their length
``Words``              segments, language                    word or character error rate
``People``             true people, found poses              recall and precision by box height
``Keypoints``          true people, found poses              OKS, PCK by joint
``KeypointPrecision``  true people, found poses              OKS-AP and AR
``TrackIdentity``      the same with tracks                  IDF1, HOTA, switches
``PersonRoles``        the same with tracks                  the teacher found, roles of bodies
``HeadCounts``         numbers of people per picture         error of the number
``Activities``         people and what they do               F1 of each activity by sightings
``Events``             spans with kind and confidence        F1 and AP of each kind
``Questions``          spans                                 F1, and agreement on their form
``Codes``              labels of equal steps of time         kappa, F1 of each code
``MeasureErrors``      measures                              error, bias, rank, interval coverage
=====================  ====================================  =====================================
"""
