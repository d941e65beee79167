//go:build unix

package app

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"botengine/internal/sim"
)

// Whatever the mask of whoever starts the engine: state, owner, control socket and
// backup hold what customers wrote, and let nobody else in. It must not run beside
// other tests, for the mask is the whole process's.
func TestWhatTheEngineWritesBelongsToItsOwnerAlone(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	server, rules := serve(t, sim.Options{}), rulesIn(t, answerRules)
	b := start(t, server, rules)
	b.firstRead(t)
	must(b.sim.Say("产品体验群1", "张三", "退款 0"))
	b.ledger(t, "the first answer", hasText("退款 0"))
	dir := filepath.Dir(b.cfg.State.Path)
	if _, err := backup(t, b.engine, filepath.Join(dir, "copies.db")); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		seen[e.Name()] = true
		if open := info.Mode().Perm() & 0o077; open != 0 {
			t.Errorf("%s has mode %s", e.Name(), info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Base(b.cfg.State.Path), filepath.Base(b.cfg.State.Path) + ".pid", "botengine.sock", "copies.db"} {
		if !seen[name] {
			t.Errorf("there is no %s among %v", name, seen)
		}
	}
}
