package socket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// PacketType is the kind of a Socket.IO packet. The values are the same in
// protocol 4 (socket.io 1.x and 2.x) and 5 (3.x and 4.x).
type PacketType byte

// The Socket.IO packet types.
const (
	PacketConnect      PacketType = '0' // joins a namespace; the server's one acknowledges it
	PacketDisconnect   PacketType = '1' // leaves a namespace
	PacketEvent        PacketType = '2' // payload: ["name", arg...], see SplitEvent
	PacketAck          PacketType = '3' // payload: [arg...]; ID is the event's
	PacketConnectError PacketType = '4' // refuses a namespace; any JSON as payload
	PacketBinaryEvent  PacketType = '5' // an event whose attachments follow as binary frames
	PacketBinaryAck    PacketType = '6' // an ack whose attachments follow as binary frames
)

// RootNamespace is the namespace of a packet that names none.
const RootNamespace = "/"

// Packet is one Socket.IO packet.
type Packet struct {
	Type        PacketType
	Namespace   string          // begins with "/"; "" is written as RootNamespace
	Query       string          // of a namespace in protocol 4: what follows its "?"
	Attachments uint64          // binary types only: how many binary frames follow
	HasID       bool            // the sender of the event wants an acknowledgement
	ID          uint64          // of the acknowledgement, where HasID is set
	Payload     json.RawMessage // valid JSON, or empty
}

func (t PacketType) binary() bool { return t == PacketBinaryEvent || t == PacketBinaryAck }

// carriesArgs tells the types whose payload is a list and that may have an id.
func (t PacketType) carriesArgs() bool {
	return t == PacketEvent || t == PacketAck || t.binary()
}

// ParsePacket reads the whole text frame of a Socket.IO packet, with the "4" of
// Engine.IO's message in front. Whatever it returns without an error has a
// payload that is valid JSON or empty, and that is a part of frame, not a copy.
// It takes the odd shapes of netty-socketio too: "40/imchat" without a comma,
// and `44/imchat?token=x,,"Invalid namespace"`. Errors do not quote the frame.
func ParsePacket(frame []byte) (Packet, error) {
	if len(frame) < 2 || frame[0] != byte(FrameMessage) {
		return Packet{}, errors.New("frame is not a socket.io packet")
	}
	p := Packet{Type: PacketType(frame[1]), Namespace: RootNamespace}
	if p.Type < PacketConnect || p.Type > PacketBinaryAck {
		return Packet{}, fmt.Errorf("socket.io packet type 0x%02x is unknown", frame[1])
	}
	rest, err := p.parseAttachments(frame[2:])
	if err != nil {
		return Packet{}, err
	}
	rest = p.parseNamespace(rest)
	if rest, err = p.parseID(rest); err != nil {
		return Packet{}, err
	}
	return p, p.parsePayload(rest)
}

func (p *Packet) parseAttachments(b []byte) ([]byte, error) {
	if !p.Type.binary() {
		return b, nil
	}
	n, found, rest, err := cutNumber(b)
	if err != nil || !found || len(rest) == 0 || rest[0] != '-' {
		return nil, errors.New("binary socket.io packet without a count of attachments")
	}
	p.Attachments = n
	return rest[1:], nil
}

func (p *Packet) parseNamespace(b []byte) []byte {
	if len(b) == 0 || b[0] != '/' {
		return b
	}
	head, rest, _ := bytes.Cut(b, []byte{','})
	p.Namespace, p.Query, _ = strings.Cut(string(head), "?")
	return rest
}

func (p *Packet) parseID(b []byte) (rest []byte, err error) {
	if !p.Type.carriesArgs() {
		return b, nil
	}
	p.ID, p.HasID, rest, err = cutNumber(b)
	return rest, err
}

func (p *Packet) parsePayload(b []byte) error {
	switch {
	case p.Type == PacketDisconnect: // has none, whatever follows
		return nil
	case p.Type.carriesArgs():
		if len(b) == 0 || b[0] != '[' || !json.Valid(b) {
			return errors.New("socket.io packet's payload is not a JSON list")
		}
	case p.Type == PacketConnectError:
		if b = bytes.TrimLeft(b, ","); len(b) > 0 && !json.Valid(b) {
			b = quote(string(b)) // a bare text is still worth showing
		}
	case len(b) > 0 && !json.Valid(b):
		return errors.New("socket.io packet's payload is not JSON")
	}
	if len(b) > 0 {
		p.Payload = b
	}
	return nil
}

// cutNumber takes the leading decimal digits off b.
func cutNumber(b []byte) (n uint64, found bool, rest []byte, err error) {
	end := 0
	for end < len(b) && '0' <= b[end] && b[end] <= '9' {
		digit := uint64(b[end] - '0')
		if n > (math.MaxUint64-digit)/10 {
			return 0, false, nil, errors.New("number in a socket.io packet does not fit 64 bits")
		}
		n, end = n*10+digit, end+1
	}
	return n, end > 0, b[end:], nil
}

// AppendPacket appends the whole text frame of p to dst. The payload is taken as
// it is: it must be JSON, as EventPayload and ArgsPayload make it.
func AppendPacket(dst []byte, p Packet) []byte {
	dst = append(dst, byte(FrameMessage), byte(p.Type))
	if p.Type.binary() {
		dst = append(strconv.AppendUint(dst, p.Attachments, 10), '-')
	}
	if name := p.namespace(); name != RootNamespace {
		dst = append(append(dst, name...), ',')
	}
	if p.HasID {
		dst = strconv.AppendUint(dst, p.ID, 10)
	}
	return append(dst, p.Payload...)
}

func (p Packet) namespace() string {
	name := p.Namespace
	if name == "" {
		name = RootNamespace
	}
	if p.Query != "" {
		name += "?" + p.Query
	}
	return name
}

// EventPayload makes the payload of an event: ["name", arg...]. The arguments
// must be JSON and are put in byte for byte, so numbers of any size stay exact.
func EventPayload(name string, args ...json.RawMessage) (json.RawMessage, error) {
	return ArgsPayload(append([]json.RawMessage{quote(name)}, args...)...)
}

// ArgsPayload makes the payload of an acknowledgement: [arg...]. The arguments
// must be JSON and are put in byte for byte.
func ArgsPayload(args ...json.RawMessage) (json.RawMessage, error) {
	payload := []byte{'['}
	for i, arg := range args {
		if !json.Valid(arg) {
			return nil, fmt.Errorf("argument %d of a socket.io packet is not JSON", i)
		}
		if i > 0 {
			payload = append(payload, ',')
		}
		payload = append(payload, arg...)
	}
	return append(payload, ']'), nil
}

// SplitEvent takes the payload of an event apart. The arguments are copies, byte
// for byte as they came.
func SplitEvent(payload json.RawMessage) (name string, args []json.RawMessage, err error) {
	if args, err = SplitArgs(payload); err != nil {
		return "", nil, err
	}
	return namedArgs(args)
}

// Event is SplitEvent of the payload of an event that ParsePacket gave: it was
// found to be a list then, and need not be read for that again.
func (p *Packet) Event() (name string, args []json.RawMessage, err error) {
	if !p.Type.carriesArgs() || len(p.Payload) < 2 {
		return "", nil, errors.New("socket.io packet is no event")
	}
	args = splitList(p.Payload, maxArgs+1)
	if len(args) > maxArgs {
		return "", nil, fmt.Errorf("socket.io event has more than %d arguments", maxArgs)
	}
	return namedArgs(args)
}

// maxArgs is the most arguments of an event, its name among them: the platform's
// events have one.
const maxArgs = 64

// namedArgs takes the name of an event off its arguments.
func namedArgs(args []json.RawMessage) (name string, rest []json.RawMessage, err error) {
	if len(args) == 0 || args[0][0] != '"' || json.Unmarshal(args[0], &name) != nil {
		return "", nil, errors.New("socket.io event has no name")
	}
	return name, args[1:], nil
}

// SplitArgs takes the payload of an acknowledgement apart, see SplitEvent.
func SplitArgs(payload json.RawMessage) ([]json.RawMessage, error) {
	list := bytes.TrimSpace(payload)
	if len(list) == 0 || list[0] != '[' || !json.Valid(list) {
		return nil, errors.New("socket.io packet's payload is not a JSON list")
	}
	return splitList(list, math.MaxInt), nil
}

// splitList takes a valid JSON list apart, as far as so many items.
func splitList(list []byte, most int) (args []json.RawMessage) {
	list = bytes.TrimSpace(list)
	list = bytes.Clone(list[1 : len(list)-1])
	for len(args) < most && len(bytes.TrimSpace(list)) > 0 {
		end := itemEnd(list)
		args = append(args, json.RawMessage(bytes.TrimSpace(list[:end:end])))
		list = list[min(end+1, len(list)):]
	}
	return args
}

// itemEnd is where the first item of a list ends, which is valid JSON: at its
// comma, or with the list. encoding/json would take each item apart to find it.
func itemEnd(list []byte) int {
	depth := 0
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '"':
			for i++; list[i] != '"'; i++ {
				if list[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(list)
}

func quote(s string) json.RawMessage {
	b, _ := json.Marshal(s) //nolint:errchkjson // a string always marshals
	return b
}
