package socket

import (
	"bytes"
	"encoding/json"
)

// handshake finds out which dialect a server speaks and what to say to join the
// namespace. It knows neither clock nor network: its methods are told what
// happened and return the frame to send now, nil for none.
//
// The dialects differ in who speaks first. An Engine.IO 3 server joins every
// client to the root namespace unasked ("40"); an Engine.IO 4 server waits for
// the client. Servers also answer a version they were not asked for, so what
// they do counts for more than what was asked.
type handshake struct {
	namespace string
	query     string // the encoded query, repeated in the namespace by protocol 4
	asked     int    // the EIO value of the request
	known     int    // the dialect of an earlier session or the configured one; 0 = none

	dialect int  // 3, 4, or 0 as long as it is not known
	asking  bool // the wish to join was sent
	bare    bool // it was sent again, without the query
	joined  bool
}

// opened is told the server's first packet. While dialect is still 0 afterwards,
// the server gets a moment to show itself, then graceOver follows.
func (h *handshake) opened(o Open) []byte {
	switch {
	case h.asked == 3:
		return h.speak(3)
	case h.known != 0:
		return h.speak(h.known)
	case o.MaxPayload > 0: // older servers do not have it, so its absence says nothing
		return h.speak(4)
	}
	return nil
}

// graceOver: the server waits for us, as Engine.IO 4 has it.
func (h *handshake) graceOver() []byte {
	if h.dialect != 0 {
		return nil
	}
	return h.speak(4)
}

// connected is told a connect packet of the server, for the root namespace or
// ours. Protocol 5 puts a sid into it, protocol 4 does not.
func (h *handshake) connected(p Packet) []byte {
	var ack struct{ SID string }
	if h.asked == 3 || json.Unmarshal(p.Payload, &ack) != nil || ack.SID == "" {
		h.dialect = 3
	} else {
		h.dialect = 4
	}
	h.joined = h.joined || p.Namespace == h.namespace
	return h.speak(h.dialect)
}

// refused is told a connect error. netty-socketio up to 1.7.16 takes the query
// for a part of the namespace's name and gets a second chance; any other
// refusal is final, and nil is returned.
func (h *handshake) refused(p Packet) []byte {
	if !h.mayBeMisread() || !bytes.Contains(p.Payload, []byte("nvalid namespace")) {
		return nil
	}
	h.bare = true
	return AppendFrame(nil, FrameMessage, []byte("0"+h.namespace)) // that version wants no comma either
}

// silent: no answer for a while. netty-socketio 2.0.12 says nothing when it
// stumbles over the query.
func (h *handshake) silent() []byte {
	if !h.mayBeMisread() {
		return nil
	}
	h.bare = true
	return h.connect("")
}

// mayBeMisread tells whether a wish to join with a query is still unanswered.
func (h *handshake) mayBeMisread() bool {
	return h.asking && h.dialect == 3 && h.query != "" && !h.bare && !h.joined
}

func (h *handshake) speak(dialect int) []byte {
	h.dialect = dialect
	if h.asking {
		return nil
	}
	h.asking = true
	switch {
	case dialect == 4:
		return h.connect("")
	case h.namespace == RootNamespace: // the server's own "40" joins it
		return nil
	default:
		return h.connect(h.query)
	}
}

func (h *handshake) connect(query string) []byte {
	return AppendPacket(nil, Packet{Type: PacketConnect, Namespace: h.namespace, Query: query})
}
