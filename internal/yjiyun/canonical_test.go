package yjiyun

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestTheHashIsTheSameForEverySpellingOfAnObject(t *testing.T) {
	one := []string{
		`{"a":1,"b":{"x":"你好/","y":[1,{"p":null,"q":true}]},"c":"\n"}`,
		" {\n\t\"c\" : \"\\n\" , \"b\":{\"y\":[ 1,{\"q\":true,\"p\":null} ],\"x\":\"\\u4f60\\u597d\\/\"},\r\n\"a\":1 } ",
		`{"c":"\u000a","\u0061":1,"b":{"x":"你好\/","y":[1,{"p":null,"q":true}]}}`,
	}
	want, err := hashOf([]byte(one[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, spelling := range one[1:] {
		if got, err := hashOf([]byte(spelling)); err != nil || got != want {
			t.Errorf("%s: hash %s, want %s (%v)", spelling, got, want, err)
		}
	}
}

func TestTheHashTellsDifferentObjectsApart(t *testing.T) {
	different := []string{
		`{}`, `{"a":1}`, `{"a":"1"}`, `{"a":[1]}`, `{"a":[1,2]}`, `{"a":[2,1]}`, `{"a":[[1],2]}`, `{"a":[1,[2]]}`, `{"a":{"b":1}}`, `{"a":1,"b":1}`,
		`{"a":null}`, `{"a":""}`, `{"a":"\\n"}`, `{"a":"\n"}`, `{"a":"\",\"b\":\""}`, `{"a":"","b":""}`, `{"a":14073751575621261}`, `{"a":14073751575621260}`,
	}
	seen := map[string]string{}
	for _, object := range different {
		hash, err := hashOf([]byte(object))
		if err != nil {
			t.Fatalf("%s: %v", object, err)
		}
		if other, ok := seen[hash]; ok {
			t.Errorf("%s and %s have one hash", object, other)
		}
		seen[hash] = object
	}
}

// Whatever Go can write is one thing in both of its spellings, and reading it
// back gives the same canonical text.
func TestTheCanonicalTextDoesNotDependOnTheSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOf(rapid.String(), rapid.OneOf(
			rapid.String().AsAny(), rapid.Int64().AsAny(), rapid.Bool().AsAny(),
			rapid.SliceOf(rapid.String()).AsAny(), rapid.MapOf(rapid.String(), rapid.Int()).AsAny(),
		)).Draw(t, "object")
		plain, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		var spaced bytes.Buffer
		if err := json.Indent(&spaced, plain, " ", "\t"); err != nil {
			t.Fatal(err)
		}
		var unescaped bytes.Buffer
		encoder := json.NewEncoder(&unescaped)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(object); err != nil {
			t.Fatal(err)
		}
		want, err := canonical(plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, spelling := range [][]byte{spaced.Bytes(), unescaped.Bytes()} {
			if got, err := canonical(spelling); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s: got %s, want %s (%v)", spelling, got, want, err)
			}
		}
	})
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"b":1,"a":[{},[],"\ud800"]}`, `[[[`, `{"a"`, `"\`, `{"a":}`, "\xff", `{"":{"":0}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		payload = valid(payload)
		got, err := canonical(payload)
		if err != nil {
			if refused, ok := errors.AsType[*MalformedError](err); !ok || refused.Reason == ReasonSyntax && json.Valid(payload) {
				t.Fatalf("%s: %v", payload, err)
			}
			return
		}
		if !json.Valid(payload) {
			return // the decoder refuses it
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, payload); err != nil {
			t.Fatal(err)
		}
		again, err := canonical(compact.Bytes())
		if err != nil || !bytes.Equal(got, again) {
			t.Fatalf("%s: %s, without white space %s (%v)", payload, got, again, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	name, payload := readFrame(b, "testdata/frames/3.2-text.json")
	b.Run("Decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode("main", name, payload, received); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json into a map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var into map[string]any
			if err := json.Unmarshal(payload, &into); err != nil {
				b.Fatal(err)
			}
		}
	})
}
