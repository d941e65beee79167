//go:build !zishang

package app

import "botengine/internal/yjiyun/socket"

// newConn makes the connection to the platform: our own client.
func newConn(o socket.Options) (socket.Conn, error) { return socket.New(o) }
