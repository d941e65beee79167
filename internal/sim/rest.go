package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The envelope's error codes (§1.2).
var (
	errUnauthorized = refusal{"1000", "用户认证失败"}
	errNoRobot      = refusal{"1", "robot not found"}
)

// handler routes everything the server answers on its one port.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /socket.io/", s.serveSocket)
	mux.HandleFunc("POST /robotapi/client/auth", s.form(s.login))
	for path, answer := range map[string]func(params) (fields, error){
		"/robot/list":         s.listRobots,
		"/external/user/list": s.listCustomers,
		"/group/list":         s.listGroups,
		"/group/member/list":  s.listMembers,
		"/chat/list":          s.listChats,
		"/chat/message":       s.listMessages,
		"/unreadmsg/clean":    s.cleanUnread,
		"/contact/sync":       s.syncContacts,

		"/grouptag/list/download": s.downloadGroups,
	} {
		mux.HandleFunc("POST /wxworkapi"+path, s.known(s.form(answer)))
	}
	mux.HandleFunc("POST /wxworkapi/bridge", s.known(s.bridge))
	mux.HandleFunc("POST /wxworkapi/multiple/task/save", s.known(s.jsonBody(s.saveTask)))
	mux.HandleFunc("POST /wxworkapi/group/setting/duplicate", s.known(s.jsonBody(s.copySettings)))
	mux.HandleFunc("GET "+filePath+"{id}/{name}", s.files.serve) // a link for everybody: no token
	return s.faulty(mux)
}

// faulty lets a fault answer a request, or hold it up, before anything else sees it.
func (s *Server) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		f := s.faults.request(req.URL.Path)
		if f.Delay > 0 && !wait(req.Context(), f.Delay) {
			return
		}
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		switch {
		case f.Status != 0 && f.Status != http.StatusOK:
			http.Error(w, http.StatusText(f.Status), f.Status)
		case f.Code != "":
			envelope(w, nil, refusal{f.Code, f.Msg})
		default:
			next.ServeHTTP(w, req)
		}
	})
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// known lets only requests with a valid token header through (§1.3).
func (s *Server) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if !s.tokens.ok(req.Header.Get("token")) {
			envelope(w, nil, errUnauthorized)
			return
		}
		next(w, req)
	}
}

// form reads a body, a form's or JSON, and writes what answer says.
func (s *Server) form(answer func(params) (fields, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		p, err := readParams(w, req)
		if err != nil {
			envelope(w, nil, refuse("parameter error"))
			return
		}
		out, err := answer(p)
		envelope(w, out, err)
	}
}

// jsonBody reads a body of an endpoint that takes JSON only.
func (s *Server) jsonBody(answer func(json.RawMessage) (fields, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
		raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
		if err != nil || kind != "application/json" || !json.Valid(raw) {
			s.malformed.Add(1)
			envelope(w, nil, refuse("parameter error"))
			return
		}
		out, err := answer(raw)
		envelope(w, out, err)
	}
}

// envelope writes the response of §1.2.
func envelope(w http.ResponseWriter, out fields, err error) {
	body := fields{"code": "0", "msg": "OK"}
	maps.Copy(body, out)
	if err != nil {
		body = fields{"code": "5000", "msg": "服务器繁忙"}
		if ref, ok := errors.AsType[refusal](err); ok {
			body = fields{"code": ref.code, "msg": ref.msg}
		}
	}
	writeJSON(w, http.StatusOK, body)
}

func writeJSON(w http.ResponseWriter, status int, body fields) {
	b, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "response not writable", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the client's loss if it is gone
}

// params are a request's fields, from either kind of body.
type params map[string][]string

const maxBody = 1 << 20

func readParams(w http.ResponseWriter, req *http.Request) (params, error) {
	req.Body = http.MaxBytesReader(w, req.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if kind == "application/json" {
		return readJSON(req)
	}
	if err := req.ParseForm(); err != nil {
		return nil, err
	}
	return formParams(req.PostForm), nil
}

// indexed is the end of an array element's name: ids[], ids[0].
var indexed = regexp.MustCompile(`\[\d*\]$`)

func formParams(form url.Values) params {
	p := params{}
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names) // elements in the order of their indices, below ten of them
	for _, name := range names {
		plain := indexed.ReplaceAllString(name, "")
		p[plain] = append(p[plain], form[name]...)
	}
	return p
}

func readJSON(req *http.Request) (params, error) {
	d := json.NewDecoder(req.Body)
	d.UseNumber()
	var body map[string]any
	if err := d.Decode(&body); err != nil {
		return nil, err
	}
	p := params{}
	for name, v := range body {
		p[name] = texts(v)
	}
	return p, nil
}

// texts are a JSON value's texts: one of a scalar, many of a list, none of null.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case nil:
	case []any:
		for _, e := range v {
			all = append(all, texts(e)...)
		}
	default:
		all = append(all, fmt.Sprint(v))
	}
	return all
}

func (p params) get(name string) string {
	if len(p[name]) == 0 {
		return ""
	}
	return p[name][0]
}

// list is an array field: repeated, or one value with commas.
func (p params) list(name string) (all []string) {
	for _, v := range p[name] {
		for one := range strings.SplitSeq(v, ",") {
			if one != "" {
				all = append(all, one)
			}
		}
	}
	return all
}

func (p params) number(name string, otherwise int64) (int64, error) {
	v := p.get(name)
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, refuse("parameter error: %s", name)
	}
	return n, nil
}

// page cuts the page out of all that pageNum (from 1) and pageSize ask for.
func page(all []fields, p params) (fields, error) {
	num, err := p.number("pageNum", 1)
	if err != nil {
		return nil, err
	}
	size, err := p.number("pageSize", 20)
	if err != nil {
		return nil, err
	}
	return fields{"total": len(all), "data": window(all, (max(num, 1)-1)*size, size)}, nil
}

// window is never nil: an empty list is written as one.
func window[T any](all []T, offset, count int64) []T {
	n := int64(len(all))
	from := min(max(offset, 0), n)
	return append([]T{}, all[from:from+min(count, n-from)]...)
}
