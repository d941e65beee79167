//go:build zishang

package zishang

import (
	"errors"
	"net/url"

	"botengine/internal/yjiyun/socket"
)

// New returns a connection over the library. It knows neither Engine.IO 3 nor
// Options.DialContext, and WriteTimeout and ReadLimit only in part: a write that
// hangs is found by the ping timeout, a frame that is too large after it was read.
func New(o socket.Options) (*socket.Client, error) {
	switch {
	case o.EIO == 3:
		return nil, errors.New("the library zishang speaks Engine.IO 4 only; remove the setting, or build without the tag zishang")
	case o.DialContext != nil:
		return nil, errors.New("the library zishang cannot be given a dialer")
	}
	return socket.NewOver(o, func(o socket.Options, server *url.URL) socket.Transport {
		return &transport{o: o, server: server}
	})
}
