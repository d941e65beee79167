// Package sockettest is test support for connections that implement
// socket.Conn: a scripted Socket.IO server, a recorder of what a connection
// reports, and the conformance suite every implementation is held to.
//
// It owns the wire shapes that servers were seen to send. It refuses to know
// how an implementation works: it sees its Conn only.
package sockettest
