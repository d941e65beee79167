package sim

import (
	"encoding/json"
	"strings"

	"botengine/internal/yjiyun/socket"
)

// handle answers one text frame. An error means that the protocol is broken and the connection with it.
func (c *session) handle(text []byte) error {
	if _, still := c.server.faults.link(); still {
		return nil
	}
	kind, data, err := socket.ParseFrame(text)
	if err != nil {
		return err
	}
	switch kind {
	case socket.FramePing:
		c.enqueue(socket.AppendFrame(nil, socket.FramePong, data))
	case socket.FrameClose:
		c.end(clean)
	case socket.FrameMessage:
		return c.packet(text)
	default: // pongs and no-ops: that they came is all there is to them
	}
	return nil
}

func (c *session) packet(text []byte) error {
	p, err := socket.ParsePacket(text)
	if err != nil {
		return err
	}
	switch p.Type {
	case socket.PacketConnect:
		c.connect(p)
	case socket.PacketDisconnect:
		c.depart(p)
	case socket.PacketEvent:
		return c.event(p)
	default: // acknowledgements are not asked for, binary events not known to the platform
	}
	return nil
}

// connect answers the wish to join a namespace.
func (c *session) connect(p socket.Packet) {
	if p.Namespace != namespace && p.Namespace != socket.RootNamespace {
		c.enqueue(socket.AppendPacket(nil, socket.Packet{
			Type: socket.PacketConnectError, Namespace: p.Namespace, Payload: c.invalidNamespace(),
		}))
		return
	}
	ack := socket.Packet{Type: socket.PacketConnect, Namespace: p.Namespace}
	if c.eio == 4 { // the socket's id is not the session's
		ack.Payload = json.RawMessage(`{"sid":"` + strings.ToUpper(c.sid) + `"}`)
	}
	c.mu.Lock()
	c.in = c.in || p.Namespace == namespace
	c.enqueueLocked(frame{bytes: socket.AppendPacket(nil, ack)})
	c.mu.Unlock()
	c.server.hub.announce()
}

func (c *session) invalidNamespace() json.RawMessage {
	if c.eio == 4 {
		return json.RawMessage(`{"message":"Invalid namespace"}`)
	}
	return json.RawMessage(`"Invalid namespace"`)
}

func (c *session) depart(p socket.Packet) {
	if p.Namespace != namespace {
		return
	}
	c.mu.Lock()
	c.in = false
	c.mu.Unlock()
	c.server.hub.announce()
}

// event takes a command in. Whoever speaks before joining is cut off on EIO 4 and not heard on EIO 3.
func (c *session) event(p socket.Packet) error {
	if p.Namespace != namespace || !c.isJoined() {
		if c.eio == 4 {
			return errNotJoined
		}
		return nil
	}
	name, args, err := socket.SplitEvent(p.Payload)
	if err != nil {
		return err
	}
	if p.HasID {
		c.enqueue(socket.AppendPacket(nil, socket.Packet{
			Type: socket.PacketAck, Namespace: namespace, HasID: true, ID: p.ID, Payload: json.RawMessage("[]"),
		}))
	}
	if len(args) > 0 {
		c.server.receive(name, args[0])
	}
	return nil
}
