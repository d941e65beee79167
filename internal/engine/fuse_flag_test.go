package engine

import "flag"

var conversationsFlag = flag.Int("conversations", 50, "people who talk fast, of each kind, in TestAPersonWhoWritesFastIsNoMachine")
