package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/spf13/cobra"

	"botengine/internal/state"
)

// stateCheck is the name of the command by which the engine has its state file checked
// in a process of its own. It is for nobody else, and shown nowhere.
const stateCheck = "state-check"

func (c *cli) stateCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use: stateCheck + " FILE", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return state.Answer(c.out, args[0], state.CheckOptions{})
		},
	}
}

// checkInChild is the command that does it: this very program, even where its file was
// replaced by another version meanwhile. Without one the file is checked here.
func checkInChild() []string {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil && runtime.GOOS == "linux" {
		return []string{self, stateCheck}
	}
	if path, err := os.Executable(); err == nil {
		return []string{path, stateCheck}
	}
	return nil
}

// stateError says in words why there can be no state where it is to be; nil: it is
// about something else.
func (c *cli) stateError(err error) error {
	if used, ok := errors.AsType[*state.InUseError](err); ok {
		return c.inUseError(used)
	}
	if foreign, ok := errors.AsType[*state.ForeignError](err); ok {
		return fmt.Errorf(c.say(
			"%s 不是状态文件，没有动它：在配置里换一个 state.path",
			"%s is no state file, and was not touched: set another state.path in the configuration"), foreign.Path)
	}
	if place, ok := errors.AsType[*state.PlaceError](err); ok {
		return c.placeError(place)
	}
	return nil
}

func (c *cli) inUseError(used *state.InUseError) error {
	if used.PID == 0 {
		return fmt.Errorf(c.say(
			"状态文件 %s 正被另一个进程使用：先停掉它，或在配置里换一个 state.path",
			"the state file %s is in use by another process: stop it, or set another state.path in the configuration"), used.Path)
	}
	return fmt.Errorf(c.say(
		"状态文件 %s 正被进程 %d 使用：先停掉它，或在配置里换一个 state.path",
		"the state file %s is in use by process %d: stop it, or set another state.path in the configuration"), used.Path, used.PID)
}

func (c *cli) placeError(e *state.PlaceError) error {
	switch e.Why {
	case state.UnfitFolder:
		return fmt.Errorf(c.say("状态文件要放在 %s 里，它却不是文件夹：把它移走，或换一个 state.path", "the state file is to be in %s, which is no folder: move it away, or set another state.path"), e.At)
	case state.UnfitFile:
		return fmt.Errorf(c.say("%s 不是普通文件，当不了状态文件：把它移走，或换一个 state.path", "%s is no regular file and can't be the state file: move it away, or set another state.path"), e.At)
	case state.UnfitNetwork:
		return fmt.Errorf(c.say(
			"状态文件不能放在网络文件系统上（%s 在 %s 上）：那里的锁和内存映射靠不住，会丢数据。请把 state.path 放到本机磁盘",
			"the state file can't be on a network file system (%s is on %s): locks and memory maps are not reliable there, and data would be lost. Set state.path to a local disk"), e.At, e.What)
	case state.UnfitReadOnly:
		return fmt.Errorf(c.say("%s 所在的磁盘只能读：重新挂载为可写，或换一个 state.path", "the disk that %s is on is read-only: mount it for writing, or set another state.path"), e.At)
	case state.UnfitRights:
		return fmt.Errorf(c.say("当前用户不能在 %[1]s 里写：运行 `chown %[2]s %[1]s`，或换一个 state.path", "this user can't write in %[1]s: run `chown %[2]s %[1]s`, or set another state.path"), e.At, me())
	case state.UnfitOwner:
		return fmt.Errorf(c.say(
			"状态文件 %[1]s 属于用户 %[2]s，不是现在运行的用户：用 %[2]s 运行，或者运行 `chown %[3]s %[1]s`",
			"the state file %[1]s belongs to user %[2]s, not to the one who runs this: run it as %[2]s, or run `chown %[3]s %[1]s`"), e.At, e.What, me())
	case state.UnfitEverybody:
		return fmt.Errorf(c.say(
			"文件夹 %[1]s 谁都可以写（权限 %[2]s），别人可以换掉状态文件：运行 `chmod 700 %[1]s`；改不了权限（比如集群的卷）就把 state.path 设成 %[3]s",
			"anybody may write in the folder %[1]s (mode %[2]s), and put another state file there: run `chmod 700 %[1]s` or, where that can't be done (a volume of a cluster), set state.path to %[3]s"), e.At, e.What, filepath.Join(e.At, "state", filepath.Base(e.Path)))
	default:
		return e
	}
}

// me is the user who runs this, for a command to copy.
func me() string {
	if name := os.Getenv("USER"); name != "" && os.Geteuid() != 0 {
		return name
	}
	return strconv.Itoa(os.Geteuid())
}
