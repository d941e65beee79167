package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// MaxSheet is the most bytes of a group list that are fetched.
const MaxSheet = 64 << 20

// SheetOrder is the order of the rows of a group list.
type SheetOrder int

// The orders of §2.5. Zero leaves it to the platform: newest first.
const (
	NameUp SheetOrder = iota + 1
	NameDown
	OldestFirst
	NewestFirst
)

// SheetQuery says which groups a list holds (§2.5): those of GroupIDs, which are
// RobotKeys[0]'s, or those of all RobotKeys that the other fields let through.
type SheetQuery struct {
	RobotKeys []string // required
	GroupIDs  []string // R:<id>

	Status      *int // 1 the robot is in the group, 0 it is not; nil = whatever it is
	CreatorName string
	CreatorID   string
	Name        string // a part of the name
	MinMembers  *int
	MaxMembers  *int
	External    *bool // nil = all groups
	Order       SheetOrder
}

func (q *SheetQuery) check() error {
	filtered := q.Status != nil || q.CreatorName != "" || q.CreatorID != "" || q.Name != "" || q.MinMembers != nil || q.MaxMembers != nil || q.External != nil || q.Order != 0
	switch {
	case len(q.RobotKeys) == 0:
		return errors.New("a robotKey is needed")
	case len(q.GroupIDs) > 0 && len(q.RobotKeys) > 1:
		return errors.New("groups are chosen by their ids for one robot at a time")
	case len(q.GroupIDs) > 0 && filtered:
		return errors.New("groups are chosen by their ids or by a filter, not both")
	case q.Order < 0 || q.Order > NewestFirst:
		return fmt.Errorf("orderBy %d is none of 1 to 4", int(q.Order))
	default:
		return nil
	}
}

func (q *SheetQuery) values() url.Values {
	if len(q.GroupIDs) > 0 {
		return url.Values{"robotKey": {q.RobotKeys[0]}, "conversationIds": q.GroupIDs}
	}
	values := url.Values{"robotKeys": q.RobotKeys}
	setNumber(values, "status", q.Status)
	setText(values, "creatorName", q.CreatorName)
	setText(values, "creatorId", q.CreatorID)
	setText(values, "name", q.Name)
	setNumber(values, "memberCount", q.MinMembers)
	setNumber(values, "upmemberCount", q.MaxMembers)
	if q.External != nil {
		external := "0"
		if *q.External {
			external = "1"
		}
		values.Set("outerGroupChat", external)
	}
	if q.Order > 0 {
		values.Set("orderBy", strconv.Itoa(int(q.Order)))
	}
	return values
}

// Sheet is a group list that was fetched.
type Sheet struct {
	Name  string // the file's name as the platform gave it, without any path
	Bytes int64  // how many were written
}

// DownloadGroups has the platform write a group list as an .xlsx (§2.5), fetches
// it and writes it to w. progress, if any, is told how many bytes there were and
// how many there will be; a total of 0 is not known. After an error w holds a
// part, or nothing.
//
// The file may lie on another host: the token is not sent there, a redirect is
// not followed, and what is to be fetched unencrypted is fetched by https, but
// for a platform on a loopback address.
func (c *Client) DownloadGroups(ctx context.Context, q SheetQuery, w io.Writer, progress func(done, total int64)) (Sheet, error) {
	if err := q.check(); err != nil {
		return Sheet{}, fmt.Errorf("download groups: %w", err)
	}
	var answer struct {
		URL  string `json:"downloadUrl"`
		Data struct {
			URL string `json:"downloadUrl"`
		} `json:"data"`
	}
	if err := c.ask(ctx, "/wxworkapi/grouptag/list/download", q.values(), &answer); err != nil {
		return Sheet{}, err
	}
	if answer.URL == "" {
		answer.URL = answer.Data.URL
	}
	address, err := c.sheetAddress(answer.URL)
	if err != nil {
		return Sheet{}, err
	}
	n, err := c.fetch(ctx, address, w, progress)
	if err != nil {
		return Sheet{}, fmt.Errorf("fetch the group list from %s: %w", address.Host, err)
	}
	return Sheet{Name: fileName(address), Bytes: n}, nil
}

// sheetAddress holds an address of the platform's to what may be fetched.
func (c *Client) sheetAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, &AnswerError{Field: "downloadUrl", Reason: "is missing"}
	case err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https":
		return nil, &AnswerError{Field: "downloadUrl", Reason: "is not an address that can be fetched"}
	case isLoopback(u.Hostname()) && !isLoopback(c.base.Hostname()):
		return nil, &AnswerError{Field: "downloadUrl", Reason: "points to this machine"}
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		u.Scheme = "https" // the document's sample is unencrypted; the host speaks both
		if u.Port() == "80" {
			u.Host = u.Hostname()
		}
	}
	return u, nil
}

func fileName(u *url.URL) string {
	name := path.Base(strings.ReplaceAll(u.Path, `\`, "/"))
	if name == "." || name == "/" || name == ".." {
		return "groups.xlsx"
	}
	return name
}

// fetch writes what lies at an address to w. It is asked for again only while
// nothing was written; a fetch that stands still for the client's timeout ends.
func (c *Client) fetch(ctx context.Context, u *url.URL, w io.Writer, progress func(done, total int64)) (int64, error) {
	counted := &counter{w: w, progress: progress}
	pace := newPace()
	for try := 1; ; try++ {
		err := c.fetchOnce(ctx, u, counted)
		wait, again := againAfter(err, pace.NextBackOff())
		if !again || counted.done > 0 || try == maxTries {
			return counted.done, err
		}
		if err := pause(ctx, wait); err != nil {
			return 0, err
		}
	}
}

// againAfter says whether a fetch is worth another try, and when.
func againAfter(err error, wait time.Duration) (time.Duration, bool) {
	if transport, ok := errors.AsType[*TransportError](err); ok {
		return wait, !transport.final
	}
	busy, ok := errors.AsType[*BusyError](err)
	if ok && busy.After > 0 {
		wait = busy.After
	}
	return wait, ok && wait <= maxWait
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) fetchOnce(ctx context.Context, u *url.URL, w *counter) error {
	moving, cancel := context.WithCancel(ctx)
	defer cancel()
	idle := time.AfterFunc(c.timeout, cancel)
	defer idle.Stop()
	req, err := http.NewRequestWithContext(moving, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return &TransportError{text: "the request cannot be built", final: true}
	}
	resp, err := c.files.Do(req)
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return noFile("points on to " + redirect.To + ", which is not followed")
	}
	if err != nil {
		return c.unreached(ctx, moving, request{}, &journey{}, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fileRefused(resp)
	}
	w.total, w.idle = max(resp.ContentLength, 0), func() { idle.Reset(c.timeout) }
	_, err = io.Copy(w, io.LimitReader(resp.Body, MaxSheet+1))
	if own, ok := errors.AsType[*writeError](err); ok {
		return own.err
	}
	if err != nil {
		return c.unreached(ctx, moving, request{}, &journey{}, err)
	}
	return w.close()
}

func noFile(reason string) error {
	return &AnswerError{Reason: reason, todo: "ask for the list again, with a narrower filter if it is too large"}
}

func fileRefused(resp *http.Response) error {
	err := byStatus(resp)
	if refused, ok := errors.AsType[*refusedToken](err); ok {
		return &RefusedError{Code: refused.code, Msg: refused.msg}
	}
	return err
}

// counter writes on what is no web page, up to MaxSheet, and tells how much.
type counter struct {
	w           io.Writer
	progress    func(done, total int64)
	idle        func() // told whenever something came
	done, total int64
}

// writeError is an error of the one who writes, not of the network.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }

func (c *counter) Write(p []byte) (int, error) {
	c.idle()
	switch {
	case c.done+int64(len(p)) > MaxSheet:
		return 0, &writeError{noFile(fmt.Sprintf("is larger than %d MiB", MaxSheet>>20))}
	case c.done == 0 && len(p) > 0 && strings.ContainsRune("<{", rune(p[0])):
		return 0, &writeError{noFile("is a page, not the file")}
	}
	n, err := c.w.Write(p)
	c.done += int64(n)
	if err != nil {
		return n, &writeError{fmt.Errorf("write the file: %w", err)}
	}
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
	return n, nil
}

func (c *counter) close() error {
	if c.done == 0 {
		return noFile("is empty")
	}
	return nil
}
