package state_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"botengine/internal/event"
	"botengine/internal/state"
)

// said is what somebody said in a chat, and the record that it becomes.
func said(n int, chat, sender string) state.Record {
	at := time.Date(2026, 11, 23, 12, 0, n, 0, time.UTC)
	return state.Record{
		Position: uint64(n) + 1,
		Event: event.Event{
			Kind: event.MessageText, ID: fmt.Sprint("m", n), Account: "main", Time: at, Received: at,
			Robot:   event.Robot{Key: "cfb3e2", ID: "16888", Name: "小助手", Status: event.StatusOnline},
			Chat:    event.Chat{ID: chat, Name: "体验群", Labels: []string{"vip"}},
			Sender:  event.Person{ID: sender, Name: "名字 " + sender},
			Message: event.Message{Text: "怎么退款？😊"},
		},
		Text: state.TextFull, Fate: state.Fate{At: at, Origin: state.Live, Generation: "3d4f"},
	}
}

func recordAll(s state.Store, all []state.Record, err error) func(tx state.Tx) error {
	return func(tx state.Tx) error {
		for i := range all {
			tx.Record(state.EncodeEvent(nil, &all[i].Event, all[i].Text), &all[i].Fate)
		}
		return err
	}
}

func TestWhatFollowsInOneChatIsNotWrittenAgain(t *testing.T) {
	s, _ := opened(t, state.Options{})
	var want []state.Record
	for n := range 200 {
		chat, sender := "S:1_R:"+fmt.Sprint(n/20), fmt.Sprint("p", n%20/10)
		if n%50 == 49 {
			sender = "" // nobody: it is not taken for the one before
		}
		want = append(want, said(n, chat, sender))
	}
	gone := append([]state.Record{said(500, "S:1_R:9", "别人")}, want[:3]...)
	for from := 0; from < len(want); from += 100 {
		if err := s.Update(t.Context(), recordAll(s, want[from:from+100], nil)); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), recordAll(s, gone, errBroken)); !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, records(t, s, state.JournalQuery{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	one := int64(len(state.EncodeEvent(nil, &want[0].Event, state.TextFull)))
	if size := sizeOf(t, s); size.Records != 200 || size.Bytes > 200*one*3/4 {
		t.Errorf("%+v, one alone has %d bytes", size, one)
	}
	for _, id := range []string{"m0", "m7", "m199"} {
		if got := records(t, s, state.JournalQuery{ID: id}); len(got) != 1 || got[0].Event.ID != id || got[0].Event.Chat.Name != "体验群" {
			t.Errorf("%s: found %+v", id, got)
		}
	}
}

func TestOfAPersonIsForgottenWhatOthersHadInCommonWithIt(t *testing.T) {
	s, _ := opened(t, state.Options{})
	all := []state.Record{
		said(0, "S:1_R:1", "张三"), said(1, "S:1_R:1", "张三"), said(2, "S:1_R:1", "李四"),
		said(3, "S:1_R:1", "李四"), said(4, "S:1_R:1", "张三"), said(5, "S:1_R:1", "李四"),
	}
	if err := s.Update(t.Context(), recordAll(s, all, nil)); err != nil {
		t.Fatal(err)
	}
	forget(t, s, "张三")
	if diff := cmp.Diff([]state.Record{all[2], all[3], all[5]}, records(t, s, state.JournalQuery{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	forget(t, s, "李四")
	if got := records(t, s, state.JournalQuery{}); len(got) > 0 {
		t.Errorf("left: %+v", got)
	}
}

func forget(t *testing.T, s state.Store, person string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx state.Tx) error {
		for after := uint64(0); ; {
			next, _ := tx.ForgetRecords(person, after)
			if next == 0 {
				return nil
			}
			after = next
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wholeRow is a row of a file of the second format, with three records.
const wholeRow = "mOqqzUE7gACY6qrNuHEUAN4BAwxtZXNzYWdlLnRleHQFAm0wBwRtYWluCQZjZmIzZTILBTE2ODg4DQnlsI/liqnmiYsOAhCCq6GwDRSCq6GwDRkNUzoxNjg4OF9SOjEwNhsFUjoxMDYdCeS9k+mqjOe+pB4CIAIjBTE2ODg4JQnlsI/liqnmiYsmgAIpBAN2aXArBzc4ODEzMDAtCuW8oOS4ifCfmIovC2h0dHBzOi8vYS8wNgI9AzEwMD4CQQ/mgI7kuYjpgIDmrL7vvJ+fAQRmdWxsjAGCq6GwDZEBBGxpdmWTAQQzZDRmnQEDAmMx" +
	"1wEDDG1lc3NhZ2UudGV4dAUCbTEHBG1haW4JBmNmYjNlMgsFMTY4ODgNCeWwj+WKqeaJiw4CEIKrobANFIKrobANGQ1TOjE2ODg4X1I6MTA2GwVSOjEwNh0J5L2T6aqM576kHgIgAiMFMTY4ODglCeWwj+WKqeaJiyaAAikEA3ZpcCsHNzg4MTMwMS0K5byg5LiJ8J+Yii8LaHR0cHM6Ly9hLzA2Aj0DMTAxPgJBD+aAjuS5iOmAgOasvu+8n58BBGZ1bGyMAYSrobANkQEEbGl2ZZ0BAwJjMd" +
	"cBAwxtZXNzYWdlLnRleHQFAm0yBwRtYWluCQZjZmIzZTILBTE2ODg4DQnlsI/liqnmiYsOAhCCq6GwDRSCq6GwDRkNUzoxNjg4OF9SOjEwNhsFUjoxMDYdCeS9k+mqjOe+pB4CIAIjBTE2ODg4JQnlsI/liqnmiYsmgAIpBAN2aXArBzc4ODEzMDItCuW8oOS4ifCfmIovC2h0dHBzOi8vYS8wNgI9AzEwMj4CQQ/mgI7kuYjpgIDmrL7vvJ+fAQRmdWxsjAGGq6GwDZEBBGxpdmWdAQMCYzE="

// TestTheJournalOfTheSecondFormatIsRead: each of its records is whole.
func TestTheJournalOfTheSecondFormatIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	if err := open(t, path, state.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	makeSecondFormat(t, path)
	var want []state.Record
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for n := range 3 {
		want = append(want, state.Record{
			Position: uint64(n) + 1, Text: state.TextFull,
			Fate: state.Fate{At: at.Add(time.Duration(n) * time.Second), Origin: state.Live, Generation: "3d4f", Commands: []string{"c1"}},
			Event: event.Event{
				Kind: event.MessageText, ID: fmt.Sprint("m", n), Account: "main", Time: at, Received: at,
				Robot:   event.Robot{Key: "cfb3e2", ID: "16888", Name: "小助手", Status: event.StatusOnline},
				Chat:    event.Chat{ID: "S:16888_R:106", Peer: "R:106", Name: "体验群", Group: true, Known: true, Owner: "16888", OwnerName: "小助手", Size: 128, Labels: []string{"vip"}},
				Sender:  event.Person{ID: fmt.Sprint("788130", n), Name: "张三😊", Avatar: "https://a/0", IsMember: true},
				Message: event.Message{SvrID: fmt.Sprint("10", n), ContentType: 1, Text: "怎么退款？"},
			},
		})
	}
	if _, err := state.Check(path, state.CheckOptions{}); err != nil {
		t.Errorf("Check = %v", err)
	}
	r, err := state.OpenReader(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = r.View(t.Context(), func(tx state.Tx) error {
		n := 0
		tx.EachRecord(state.JournalQuery{}, func(got state.Record) bool {
			if diff := cmp.Diff(want[n], got); diff != "" {
				t.Errorf("before the engine opened it (-want +got):\n%s", diff)
			}
			n++
			return true
		})
		return nil
	})
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, state.Options{Journal: state.JournalOptions{Keep: 100 * 365 * 24 * time.Hour}})
	defer s.Close()
	more := said(3, "S:16888_R:106", "7881300")
	if err := s.Update(t.Context(), recordAll(s, []state.Record{more}, nil)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(want, more), records(t, s, state.JournalQuery{})); diff != "" {
		t.Errorf("with one more (-want +got):\n%s", diff)
	}
	forget(t, s, "7881301")
	if diff := cmp.Diff([]state.Record{want[0], want[2], more}, records(t, s, state.JournalQuery{})); diff != "" {
		t.Errorf("without a person (-want +got):\n%s", diff)
	}
}

func makeSecondFormat(t *testing.T, path string) {
	t.Helper()
	row, err := base64.StdEncoding.DecodeString(wholeRow)
	if err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		journal := tx.Bucket([]byte("journal"))
		part, err := journal.CreateBucket([]byte(strings.Repeat("0", 15) + "1 2026-11-23"))
		if err != nil {
			return err
		}
		return errors.Join(part.Put([]byte{0, 0, 0, 0, 0, 0, 0, 1}, row), part.SetSequence(uint64(len(row)+32)), journal.SetSequence(3),
			tx.Bucket([]byte("meta")).Put([]byte("format"), []byte("2")))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
