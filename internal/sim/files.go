package sim

import (
	"net/http"
	"net/url"
	"sync"
)

// filePath is where files lie that the platform made for a client; keptFiles is how many of them.
const (
	filePath  = "/media/"
	keptFiles = 100
)

// files are what clients may fetch by an address that nobody can guess. They need no token, as on the platform, where
// another host serves them.
type files struct {
	mu    sync.Mutex // guards all below
	byID  map[string]file
	order []string
}

type file struct {
	name, contentType string
	content           []byte
}

func newFiles() files { return files{byID: map[string]file{}} }

// add keeps a file and returns its path, ready for an address.
func (f *files) add(made file) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := newToken()
	f.byID[id] = made
	f.order = append(f.order, id)
	if len(f.order) > keptFiles {
		delete(f.byID, f.order[0])
		f.order = f.order[1:]
	}
	return filePath + id + "/" + url.PathEscape(made.name)
}

func (f *files) serve(w http.ResponseWriter, req *http.Request) {
	f.mu.Lock()
	made, ok := f.byID[req.PathValue("id")]
	f.mu.Unlock()
	if !ok || made.name != req.PathValue("name") {
		http.NotFound(w, req)
		return
	}
	w.Header().Set("Content-Type", made.contentType)
	_, _ = w.Write(made.content) // the client's loss if it is gone
}
