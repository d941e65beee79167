package socket_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gorilla/websocket"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/sockettest"
)

func TestHTTPSIsSpokenAndChecked(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = ws.Close() }()
		for _, frame := range []string{openNPM4, `40/imchat,{"sid":"n"}`, hello} {
			_ = ws.WriteMessage(websocket.TextMessage, []byte(frame)) // the client sees what is missing
		}
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())

	r := sockettest.Start(t, newClient, socket.Options{URL: server.URL + "/imchat", TLS: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}})
	r.WaitJoined()
	r.WaitEvent("chat")
	r.Stop()

	stranger := sockettest.Start(t, newClient, socket.Options{URL: server.URL + "/imchat?token=geheim"})
	e := stranger.WaitEnded()
	mustNotShow(t, e.Err, "geheim")
	if n := len(stranger.Joined); n != 0 {
		t.Error("joined a server whose certificate nobody vouches for")
	}
}
