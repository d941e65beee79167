//go:build unix

package npmtest

import "syscall"

// Freeze stops the server's process without ending it: connections stay open,
// nothing answers. It is still ended with the test.
func (s *Server) Freeze() {
	s.t.Helper()
	must(s.t, s.process.Signal(syscall.SIGSTOP))
}
