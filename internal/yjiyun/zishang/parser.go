//go:build zishang

package zishang

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/zishang520/engine.io/v2/events"
	"github.com/zishang520/engine.io/v2/types"
	"github.com/zishang520/socket.io-go-parser/v2/parser"

	"botengine/internal/yjiyun/socket"
)

// rawParser stands where the library decodes packets, on its reading goroutine:
// the last place where they are in order. It hands events over itself; the
// library gets to see only that the namespace is joined.
type rawParser struct {
	events.EventEmitter // the library listens to "decoded"

	ctx       context.Context // of the session: it ends what waits in add
	namespace string
	session   *session

	mu   sync.Mutex // guards told, over; held while a packet is dealt with
	told bool       // link knows that the namespace is joined
	over bool       // the session's end was reported
}

func newRawParser(ctx context.Context, namespace string, s *session) *rawParser {
	return &rawParser{EventEmitter: events.New(), ctx: ctx, namespace: namespace, session: s}
}

// stop waits for a packet that is being dealt with, and ignores all later ones.
func (p *rawParser) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}

// NewEncoder implements parser.Parser.
func (p *rawParser) NewEncoder() parser.Encoder { return rawEncoder{} }

// NewDecoder implements parser.Parser.
func (p *rawParser) NewDecoder() parser.Decoder { return p }

// Destroy implements parser.Decoder.
func (p *rawParser) Destroy() {}

// Add implements parser.Decoder. It never fails: the library would end the
// session over it.
func (p *rawParser) Add(data any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return nil
	}
	if malformed := p.add(data); malformed != nil {
		_ = p.session.link.Malformed(p.ctx, malformed) // fails at the end only, when nobody asks
	}
	return nil
}

func (p *rawParser) add(data any) (malformed error) {
	text, ok := data.(*types.StringBuffer)
	if !ok {
		return errors.New("binary frame: not understood here")
	}
	if limit := p.session.o.ReadLimit; int64(text.Len()) > limit {
		return fmt.Errorf("frame is larger than the limit of %d bytes", limit)
	}
	packet, err := socket.ParsePacket(append([]byte{byte(socket.FrameMessage)}, text.Bytes()...))
	if err != nil {
		return err
	}
	if packet.Namespace != p.namespace && packet.Namespace != socket.RootNamespace {
		return errors.New("packet for a namespace that was not asked for")
	}
	return p.packet(packet)
}

func (p *rawParser) packet(packet socket.Packet) (malformed error) {
	switch packet.Type {
	case socket.PacketConnect:
		return p.connected(packet)
	case socket.PacketDisconnect:
		p.session.end(socket.ErrServerClosed)
		return nil
	case socket.PacketConnectError:
		p.session.end(socket.Refusal(packet))
		return nil
	case socket.PacketEvent:
		return p.event(packet)
	case socket.PacketAck: // we ask for none
		return nil
	default:
		return errors.New("binary packet: not understood here")
	}
}

func (p *rawParser) connected(packet socket.Packet) (malformed error) {
	var ack struct{ SID string }
	_ = json.Unmarshal(packet.Payload, &ack) // nothing, or no object: no sid either
	if ack.SID == "" {
		p.session.end(fmt.Errorf("%w: the server speaks Engine.IO 3, which the library zishang cannot", socket.ErrHandshake))
		return nil
	}
	if packet.Namespace == p.namespace {
		p.join(ack.SID)
	}
	return nil
}

// event hands an event over. One that comes before, or instead of, the
// acknowledgement is one.
func (p *rawParser) event(packet socket.Packet) (malformed error) {
	if packet.Namespace != p.namespace {
		return errors.New("event for a namespace that was not asked for")
	}
	name, args, err := socket.SplitEvent(packet.Payload)
	if err != nil {
		return err
	}
	p.join("unknown")
	_ = p.session.link.Event(p.ctx, name, args) // fails at the end only, when nobody asks
	return nil
}

// join tells the library, waits until it believes it, because it would keep what
// is emitted before, and tells link.
func (p *rawParser) join(sid string) {
	if p.told {
		return
	}
	p.told = true
	p.Emit("decoded", &parser.Packet{Type: parser.CONNECT, Nsp: p.namespace, Data: map[string]any{"sid": sid}})
	select {
	case <-p.session.joined:
		_ = p.session.link.Joined(p.ctx, 4, p.session.emit) // fails at the end only, when nobody asks
	case <-p.ctx.Done():
	}
}

// rawEncoder writes what it is given, and says nothing about what it is not.
type rawEncoder struct{}

// Encode implements parser.Encoder.
func (rawEncoder) Encode(p *parser.Packet) []types.BufferInterface {
	out := socket.Packet{Type: socket.PacketType(p.Type), Namespace: p.Nsp}
	if list, ok := p.Data.([]any); ok && len(list) > 0 {
		payload, err := json.Marshal(list[0])
		if err != nil {
			return nil
		}
		out.Payload = eventOf(payload, list[1:])
	}
	return []types.BufferInterface{types.NewStringBuffer(socket.AppendPacket(nil, out)[1:])}
}

// eventOf joins the pieces of an event without looking into them: encoding/json
// would rewrite the raw ones.
func eventOf(name []byte, args []any) json.RawMessage {
	payload := append([]byte{'['}, name...)
	for _, arg := range args {
		if raw, ok := arg.(json.RawMessage); ok {
			payload = append(append(payload, ','), raw...)
		}
	}
	return append(payload, ']')
}
