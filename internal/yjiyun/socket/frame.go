package socket

import (
	"encoding/json"
	"errors"
	"fmt"
)

// FrameType is the kind of an Engine.IO packet: the first byte of a websocket
// text frame. The values are the same in Engine.IO 3 and 4.
type FrameType byte

// The Engine.IO packet types.
const (
	FrameOpen    FrameType = '0' // server: the session's parameters, see Open
	FrameClose   FrameType = '1' // either side: the session ends
	FramePing    FrameType = '2' // Engine.IO 3: client; Engine.IO 4: server
	FramePong    FrameType = '3' // the answer to a ping, with the ping's data
	FrameMessage FrameType = '4' // carries one Socket.IO packet, see ParsePacket
	FrameUpgrade FrameType = '5' // change of transport; never sent by this package
	FrameNoop    FrameType = '6' // nothing; releases a poll
)

// ParseFrame splits a websocket text frame into its Engine.IO type and the data
// behind it, which is a part of frame, not a copy.
func ParseFrame(frame []byte) (FrameType, []byte, error) {
	if len(frame) == 0 {
		return 0, nil, errors.New("engine.io frame is empty")
	}
	if frame[0] < byte(FrameOpen) || frame[0] > byte(FrameNoop) {
		return 0, nil, fmt.Errorf("engine.io packet type 0x%02x is unknown", frame[0])
	}
	return FrameType(frame[0]), frame[1:], nil
}

// AppendFrame appends the text frame of an Engine.IO packet to dst.
func AppendFrame(dst []byte, t FrameType, data []byte) []byte {
	return append(append(dst, byte(t)), data...)
}

// Open is the data of a FrameOpen packet. Times are milliseconds. MaxPayload is
// sent by newer Engine.IO 4 servers only and is 0 where it is absent.
type Open struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"`
	PingTimeout  int64    `json:"pingTimeout"`
	MaxPayload   int64    `json:"maxPayload,omitempty"`
}

// ParseOpen reads the data of a FrameOpen packet.
func ParseOpen(data []byte) (Open, error) {
	var o Open
	if err := json.Unmarshal(data, &o); err != nil {
		return Open{}, errors.New("engine.io open packet is not the JSON object it must be")
	}
	return o, nil
}

// AppendOpen appends the whole text frame of a FrameOpen packet to dst.
func AppendOpen(dst []byte, o Open) []byte {
	if o.Upgrades == nil {
		o.Upgrades = []string{} // clients expect a list, not null
	}
	data, _ := json.Marshal(o) //nolint:errchkjson // strings and numbers always marshal
	return AppendFrame(dst, FrameOpen, data)
}
