// Package powercut cuts the power of a disk that a program writes to, at every
// moment and in every way that a real disk may lose what was not yet synced: it
// reads the program's writes and syncs from a trace of its system calls, and makes
// the images that a power cut could have left.
//
// A write that no sync followed may be lost, be there whole, or be there in some of
// its sectors; what a sync followed is there. Nothing here knows what the file is.
package powercut
