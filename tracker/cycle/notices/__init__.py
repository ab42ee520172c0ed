"""What people are told by mail: what is due is worked out from what is recorded, each time anew.

`occasions` finds what happened, `situation` how a round stands now, `kinds` makes the notices of each kind,
`notice` is one of them with its words, `sending` mails those that are due and records what was accepted,
`switches` says which kinds a manifesto sends, `news` tells the same on the home page.
"""
