// Package zishang lets the library github.com/zishang520/socket.io-client-go
// v1.1.0 carry the platform's socket, behind the same contract as our own
// client. It is built with the tag "zishang" only: the library delivers events
// out of order, knows Engine.IO 4 alone and can end the process; the decision
// record 0001 has the evidence.
//
// It owns what is needed to keep the contract in spite of that: events are taken
// in before the library reorders them, numbers stay exact, and reconnects are
// those of package socket. What cannot be kept is the table in its test. It
// refuses to know what an event means.
package zishang
