package yjiyun

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// agreeOnFrame holds the one pass to encoding/json: what it reads, it reads alike.
func agreeOnFrame[T any](t *testing.T, name string, payload []byte, read func(*T, []byte) bool) (taken bool) {
	t.Helper()
	var got T
	if !read(&got, payload) {
		return false
	}
	want, admitted, err := carefully[T](name, payload)
	if err != nil {
		t.Fatalf("%s: read, although %v", payload, err)
	}
	if diff := cmp.Diff(want, got); diff != "" || string(admitted) != string(payload) {
		t.Fatalf("%s: (-encoding/json +one pass)\n%s", payload, diff)
	}
	return true
}

func agreeOnAll(t *testing.T, payload []byte) (message, chat, action bool) {
	t.Helper()
	return agreeOnFrame(t, EventMessage, payload, (*messageFrame).read),
		agreeOnFrame(t, EventChat, payload, (*chatFrame).read),
		agreeOnFrame(t, EventAction, payload, (*actionFrame).read)
}

func FuzzOnePass(f *testing.F) {
	files, err := filepath.Glob("testdata/frames/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no recorded frames: %v", err)
	}
	for _, file := range files {
		_, payload := readFrame(f, file)
		f.Add(payload)
	}
	for text := range oddities {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, payload []byte) { agreeOnAll(t, payload) })
}

// oddities are spellings, and whether the one pass takes them as a message.
var oddities = map[string]bool{
	`{}`:                                   true,
	" {\t\"a\" :\r\n[ 1 , {} , [ ] ] } \n": true,
	`{"content":{"content":"a\nb\u4f60"}}`: true,
	`{"content":{"content":"1"},"content":{"title":"2"}}`:                true,
	`{"x":"\ud800","y":-0.5e+7,"z":[true,false,null]}`:                   true,
	`{"messageId":" 7 ","isGroupChat":true,"timestamp":"1585024550000"}`: true,
	`{"content":{"atUserList":[1,"2"]},"from":{"isSelf":null}}`:          true,
	`{"MessageID":1}`:                     false, // encoding/json knows it
	`{"me\u0073sageId":1}`:                false,
	`{"meſſageId":1}`:                     false, // and it too
	`{"messageId":1.5}`:                   false,
	`{"from":null}`:                       false,
	`{"content":null}`:                    false,
	`{"timestamp":-1}`:                    false,
	`{"isGroupChat":1234567890123456789}`: false,
	`{"a":01}`:                            false,
	`{"a":1,}`:                            false,
	`{"a":[1,]}`:                          false,
	`{"a":[,1]}`:                          false,
	`{,"a":1}`:                            false,
	`{"a" 1}`:                             false,
	`{"a":1 "b":2}`:                       false,
	`{"a":"\x"}`:                          false,
	`{"a":"\u12"}`:                        false,
	"{\"a\":\"\n\"}":                      false,
	"{\"a\":\"\xff\"}":                    false,
	`{"a":nul}`:                           false,
	`{"a":-}`:                             false,
	`{"a":1.}`:                            false,
	`{"a":1e}`:                            false,
	`{"a":"`:                              false,
	`{"a":"\`:                             false,
	`{"a`:                                 false,
	`{`:                                   false,
	``:                                    false,
	`{} {}`:                               false,
	`{}]`:                                 false,
	`[]`:                                  false,
	`{"a":{"b":]}`:                        false,
}

func TestTheOnePassReadsWhatEncodingJSONReads(t *testing.T) {
	for text, want := range oddities {
		if got, _, _ := agreeOnAll(t, []byte(text)); got != want {
			t.Errorf("%q: taken %v, want %v", text, got, want)
		}
	}
}

// A frame of the platform's own must not be read twice.
func TestTheOnePassTakesTheSamplesOfTheDocument(t *testing.T) {
	files, err := filepath.Glob("testdata/frames/3.*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded frames: %v", err)
	}
	for _, file := range files {
		name, payload := readFrame(t, file)
		message, chat, action := agreeOnAll(t, payload)
		if taken := map[string]bool{EventMessage: message, EventChat: chat, EventAction: action}; !taken[name] {
			t.Errorf("%s is read the slow way", file)
		}
	}
}
