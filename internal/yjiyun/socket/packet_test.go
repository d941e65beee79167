package socket_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"botengine/internal/yjiyun/socket"
)

func TestParsePacketReadsWhatServersSend(t *testing.T) {
	cases := []struct {
		name  string
		frame string
		want  socket.Packet
	}{
		{"root namespace opened unasked, Engine.IO 3", `40`,
			socket.Packet{Type: socket.PacketConnect, Namespace: "/"}},
		{"root namespace opened unasked with a sid, netty 1.7.26", `40{"sid":"a"}`,
			socket.Packet{Type: socket.PacketConnect, Namespace: "/", Payload: raw(`{"sid":"a"}`)}},
		{"acknowledgement of npm 2", `40/imchat,`,
			socket.Packet{Type: socket.PacketConnect, Namespace: "/imchat"}},
		{"acknowledgement of netty without a comma", `40/imchat`,
			socket.Packet{Type: socket.PacketConnect, Namespace: "/imchat"}},
		{"acknowledgement of npm 4", `40/imchat,{"sid":"a"}`,
			socket.Packet{Type: socket.PacketConnect, Namespace: "/imchat", Payload: raw(`{"sid":"a"}`)}},
		{"a client's connect with a query", `40/imchat?token=t&x=%E5%8A%A0,`,
			socket.Packet{Type: socket.PacketConnect, Namespace: "/imchat", Query: "token=t&x=%E5%8A%A0"}},
		{"an event with a 64-bit id and Chinese text", `42/imchat,["message",{"id":14073751575621261,"t":"加 薇 信，🙂"}]`,
			socket.Packet{Type: socket.PacketEvent, Namespace: "/imchat",
				Payload: raw(`["message",{"id":14073751575621261,"t":"加 薇 信，🙂"}]`)}},
		{"an event that wants an acknowledgement", `42/imchat,18446744073709551615["q"]`,
			socket.Packet{Type: socket.PacketEvent, Namespace: "/imchat", HasID: true, ID: math.MaxUint64, Payload: raw(`["q"]`)}},
		{"an event in the root namespace", `420["q",1]`,
			socket.Packet{Type: socket.PacketEvent, Namespace: "/", HasID: true, Payload: raw(`["q",1]`)}},
		{"an acknowledgement", `43/imchat,7["ok"]`,
			socket.Packet{Type: socket.PacketAck, Namespace: "/imchat", HasID: true, ID: 7, Payload: raw(`["ok"]`)}},
		{"a kick", `41/imchat,`,
			socket.Packet{Type: socket.PacketDisconnect, Namespace: "/imchat"}},
		{"a refusal with a message", `44/imchat,{"message":"bad token"}`,
			socket.Packet{Type: socket.PacketConnectError, Namespace: "/imchat", Payload: raw(`{"message":"bad token"}`)}},
		{"a refusal of netty 1.7.16 with two commas", `44/imchat?token=x,,"Invalid namespace"`,
			socket.Packet{Type: socket.PacketConnectError, Namespace: "/imchat", Query: "token=x", Payload: raw(`"Invalid namespace"`)}},
		{"a refusal in words that are no JSON", `44/imchat,Invalid namespace`,
			socket.Packet{Type: socket.PacketConnectError, Namespace: "/imchat", Payload: raw(`"Invalid namespace"`)}},
		{"an event with attachments", `451-/imchat,["bin",{"_placeholder":true,"num":0}]`,
			socket.Packet{Type: socket.PacketBinaryEvent, Namespace: "/imchat", Attachments: 1,
				Payload: raw(`["bin",{"_placeholder":true,"num":0}]`)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := socket.ParsePacket([]byte(c.frame))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("packet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParsePacketRefusesWithoutQuoting(t *testing.T) {
	cases := map[string]string{
		"an empty frame":                 ``,
		"a message without a type":       `4`,
		"a ping":                         `2geheim`,
		"an unknown type":                `47geheim`,
		"an event without a payload":     `42/imchat,`,
		"an event that is an object":     `42/imchat,{"geheim":1}`,
		"an event cut off":               `42/imchat,["geheim"`,
		"an event with a tail":           `42/imchat,["geheim"]x`,
		"an event without its comma":     `42/imchat["geheim"]`,
		"an ack without a payload":       `43/imchat,0`,
		"an id of more than 64 bits":     `42/imchat,18446744073709551616["geheim"]`,
		"a binary event without a count": `45/imchat,["geheim"]`,
		"a binary event without a dash":  `451/imchat,["geheim"]`,
		"a connect with half an object":  `40/imchat,{"geheim"`,
	}
	for name, frame := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := socket.ParsePacket([]byte(frame))
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("error quotes the frame: %v", err)
			}
		})
	}
}

func TestParseFrameTellsTypesApart(t *testing.T) {
	typ, data, err := socket.ParseFrame([]byte("2probe"))
	if err != nil || typ != socket.FramePing || string(data) != "probe" {
		t.Errorf("got %q %q %v", typ, data, err)
	}
	for _, bad := range []string{"", "7", "b4AQ", "\x04"} {
		if _, _, err := socket.ParseFrame([]byte(bad)); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

func TestOpenGoesThereAndBack(t *testing.T) {
	frame := socket.AppendOpen(nil, socket.Open{SID: "a", PingInterval: 25000, PingTimeout: 60000})
	if want := `0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":60000}`; string(frame) != want {
		t.Errorf("got %s, want %s", frame, want)
	}
	o, err := socket.ParseOpen(frame[1:])
	if err != nil || o.SID != "a" || o.PingTimeout != 60000 || o.MaxPayload != 0 {
		t.Errorf("got %+v %v", o, err)
	}
	if _, err := socket.ParseOpen([]byte(`[]`)); err == nil {
		t.Error("a list accepted")
	}
}

func TestEventArgumentsStayByteForByte(t *testing.T) {
	args := []json.RawMessage{raw(`{"id": 14073751575621261, "s":"14073751575621261"}`), raw(`18446744073709551615`), raw(`"<&>🙂"`)}
	payload, err := socket.EventPayload("消息", args...)
	if err != nil {
		t.Fatal(err)
	}
	name, got, err := socket.SplitEvent(payload)
	if err != nil || name != "消息" {
		t.Fatalf("name %q, %v", name, err)
	}
	if diff := cmp.Diff(args, got); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestEventHelpersRefuseNonsense(t *testing.T) {
	if _, err := socket.EventPayload("message", raw(`{`)); err == nil {
		t.Error("an argument that is no JSON was accepted")
	}
	for _, bad := range []string{`[]`, `[1]`, `[null]`, `{}`, ``} {
		if _, _, err := socket.SplitEvent(raw(bad)); err == nil {
			t.Errorf("%s accepted as an event", bad)
		}
	}
}

func TestAnyPacketSurvivesTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawPacket(t)
		got, err := socket.ParsePacket(socket.AppendPacket(nil, want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("packet (-want +got):\n%s", diff)
		}
	})
}

func drawPacket(t *rapid.T) socket.Packet {
	p := socket.Packet{
		Type:      socket.PacketType(rapid.ByteRange('0', '6').Draw(t, "type")),
		Namespace: "/" + rapid.StringMatching(`[a-z]{0,8}`).Draw(t, "namespace"),
		Query:     rapid.StringMatching(`([a-z]=[0-9a-z%]{1,5})?`).Draw(t, "query"),
	}
	switch p.Type {
	case socket.PacketDisconnect:
	case socket.PacketConnect, socket.PacketConnectError:
		p.Payload = drawArgs(t)[0]
	default:
		if p.Type >= socket.PacketBinaryEvent {
			p.Attachments = rapid.Uint64().Draw(t, "attachments")
		}
		if p.HasID = rapid.Bool().Draw(t, "wants ack"); p.HasID {
			p.ID = rapid.Uint64().Draw(t, "id")
		}
		p.Payload, _ = socket.EventPayload(rapid.String().Draw(t, "name"), drawArgs(t)...)
	}
	return p
}

func drawArgs(t *rapid.T) []json.RawMessage {
	arg := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) json.RawMessage { b, _ := json.Marshal(s); return b }),
		rapid.Map(rapid.Uint64(), func(n uint64) json.RawMessage { b, _ := json.Marshal(n); return b }),
		rapid.Just(raw(`{"id":14073751575621261,"列表":[1,[2,{}]]}`)),
	)
	return rapid.SliceOfN(arg, 1, 4).Draw(t, "args")
}

func FuzzParsePacket(f *testing.F) {
	for _, seed := range []string{
		``, `4`, `40`, `40{"sid":"a"}`, `40/imchat`, `40/imchat,`, `40/imchat?token=t,`, `40/imchat,{"sid":"a"}`, `41/imchat,`,
		`42/imchat,["message",{"id":14073751575621261}]`, `42/imchat,7["问？"]`, `42/imchat,`, `43/imchat,0[]`, `43/imchat,0`,
		`44/imchat?token=x,,"Invalid namespace"`, `44/imchat,not json`, `451-/imchat,["bin",{"_placeholder":true,"num":0}]`,
		`42["a"]`, `42/imchat,99999999999999999999["a"]`, "42[\"\xff\"]", `40/,/`, `44,,,`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		p, err := socket.ParsePacket(frame)
		if !bytes.Equal(before, frame) {
			t.Fatal("the input was written to")
		}
		if err != nil {
			return
		}
		if len(p.Payload) > 0 && !json.Valid(p.Payload) {
			t.Fatalf("payload is not JSON: %q", p.Payload)
		}
		again, err := socket.ParsePacket(socket.AppendPacket(nil, p))
		if err != nil {
			t.Fatalf("own packet refused: %v", err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("packet changed on its way (-first +second):\n%s", diff)
		}
		if p.Type == socket.PacketEvent {
			name, args, err := socket.SplitEvent(p.Payload)
			again, same, wrong := p.Event()
			if name != again || len(args) != len(same) || (err == nil) != (wrong == nil) {
				t.Fatalf("%q: %q with %d arguments (%v), then %q with %d (%v)", frame, name, len(args), err, again, len(same), wrong)
			}
		}
	})
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// Taking a list apart gives what encoding/json gives.
func TestAListIsTakenApartLikeJSON(t *testing.T) {
	for _, list := range []string{
		`[]`, ` [ ] `, `[1]`, "[ \"a,b\" , {\"x\":[1,2],\"y\":\"]\\\"}\"} ,\n[[],{}] ]", `["\\",null,"\\\""]`, `["消息，\u005d",-1e5]`,
	} {
		got, err := socket.SplitArgs(raw(list))
		var want []json.RawMessage
		if jsonErr := json.Unmarshal([]byte(list), &want); err != nil || jsonErr != nil {
			t.Fatalf("%s: %v, encoding/json %v", list, err, jsonErr)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-encoding/json +got):\n%s", list, diff)
		}
	}
	for _, bad := range []string{`null`, `[1,]`, `[1`, `{}`, `["\"]`, `"[]"`} {
		if _, err := socket.SplitArgs(raw(bad)); err == nil {
			t.Errorf("%s was taken apart", bad)
		}
	}
}
