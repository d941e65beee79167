//go:build zishang

package app

import (
	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/zishang"
)

// newConn makes the connection to the platform: the adapter of the library named
// zishang. What it is not as good at is written down in decision 0001.
func newConn(o socket.Options) (socket.Conn, error) { return zishang.New(o) }
