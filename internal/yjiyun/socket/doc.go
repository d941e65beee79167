// Package socket is the platform's event road: a Socket.IO client for one
// namespace, websocket only, that speaks Engine.IO 3 with Socket.IO protocol 4
// and Engine.IO 4 with Socket.IO protocol 5, and the packet codec both ends of
// such a connection need.
//
// It owns the session: dialect detection, the handshake, heartbeats in both
// directions, reconnects, and the order of events. It refuses to know what an
// event means, what a robot is, where a token comes from, and whether a send
// should be repeated: payloads pass through as raw JSON, untouched.
package socket
