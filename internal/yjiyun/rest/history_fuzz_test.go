package rest_test

import (
	"testing"
	"time"

	"botengine/internal/yjiyun/rest"
)

// Whatever a page of a history says, the walk over it ends, and gives no message twice
// in a row and none from outside of what was asked for.
func FuzzHistory(f *testing.F) {
	for _, seed := range []string{
		`{"code":"0","model":[{"messageId":"20260302100000000000000000000001","messageTime":1772416800000,"sendStatus":1,"content":{"contentType":1,"content":"好"}}]}`,
		`{"code":"0","model":[{"messageId":14073751575621261,"messageTime":"1772416800000"}]}`, `{"code":"0","model":null}`, `{"code":"0","model":{}}`,
		`{"code":0,"model":[null,1,"x",[]]}`, `{"code":"1000","msg":"token"}`, `{"code":"5000"}`, `{"model":[{"messageTime":1e300}]}`, `<html>502</html>`, ``,
	} {
		f.Add([]byte(seed))
	}
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		p := answering(string(body))
		client := p.client(func(o *rest.Options) { o.RequestsPerSecond = 1e6 })
		q := rest.HistoryQuery{RobotKey: "k", ChatUser: "R:1", From: from, Walk: rest.Walk{Limit: 500}}
		n := 0
		for m, err := range client.History(t.Context(), q) {
			if err != nil {
				return
			}
			if n++; n > 500 {
				t.Fatal("more messages than were asked for")
			}
			if !m.Time.IsZero() && m.Time.Before(from) {
				t.Fatalf("a message of %v", m.Time)
			}
		}
	})
}
