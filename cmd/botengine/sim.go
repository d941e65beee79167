package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/sim"
)

// simFlags say how the simulated platform runs.
type simFlags struct {
	listen, rules string
	chat          bool
}

func (c *cli) simCmd() *cobra.Command {
	var f simFlags
	cmd := &cobra.Command{
		Use:   "sim",
		Short: c.say("模拟平台；在终端里可以直接和它聊天", "the simulated platform, with a chat in the terminal"),
		Long: c.say(
			"在本机运行模拟平台。在终端里（或用 --chat）可以扮演里面的所有人：直接输入就是说话，/help 列出命令。\n加上 --rules 就在它上面运行引擎，/why 说明刚才为什么回答或没回答。",
			"Runs the simulated platform on this machine. In a terminal (or with --chat) you play everybody in it: what you type is said, /help lists the commands.\nWith --rules an engine runs on it, and /why says why it answered, or did not."),
		Example: "  botengine sim --rules rules/",
		Args:    c.noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.simulate(cmd, f) },
	}
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8790", c.say("监听地址，只能是本机", "address to listen on, loopback only"))
	cmd.Flags().StringVar(&f.rules, "rules", "", c.say("在模拟平台上运行引擎，用这个文件夹里的规则", "run an engine on it, with the rules in this folder"))
	cmd.Flags().BoolVar(&f.chat, "chat", false, c.say("从标准输入聊天，读完就结束；在终端里不必写", "chat from standard input and end with it; a terminal needs no asking"))
	return cmd
}

func (c *cli) simulate(cmd *cobra.Command, f simFlags) error {
	typed := isTerminal(c.in) && !isNull(c.in)
	talks := typed || f.chat || f.rules != ""
	s := sim.New(c.simOptions(talks))
	if err := s.Start(f.listen); err != nil {
		return c.listenError(f.listen, err)
	}
	fmt.Fprintf(c.out, c.say("模拟平台在 %s，accessKey %s，accessSecret %s。配置里写：\n", "simulated platform at %s, accessKey %s, accessSecret %s. In the configuration:\n"),
		s.URL(), sim.DefaultAccessKey, sim.DefaultAccessSecret)
	fmt.Fprintf(c.out, "accounts:\n  - {name: sim, rest_url: %[1]q, socket_url: \"%[1]s/imchat\", access_key: %[2]s, access_secret: %[3]s}\n",
		s.URL(), sim.DefaultAccessKey, sim.DefaultAccessSecret)
	if !talks {
		return s.Run(cmd.Context())
	}
	var in io.Reader
	if typed || f.chat {
		in = c.in
	}
	return c.startError(app.Chat(cmd.Context(), app.ChatOptions{
		Platform: s, Rules: f.rules, In: in, Interactive: typed,
		Out: c.out, Lang: c.lang(), Color: c.colored(c.out), Log: c.logger(slog.LevelWarn),
	}))
}

// listenError says what to do when somebody else listens there.
func (c *cli) listenError(address string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	return fmt.Errorf(c.say(
		"%s 已经有程序在监听（也许是另一个 botengine sim）：停掉它，或用 --listen 127.0.0.1:0 换一个端口",
		"something listens on %s already (another botengine sim, perhaps): stop it, or take another port with --listen 127.0.0.1:0"), address)
}

// simOptions: while somebody talks, the log says less, and robots take the time that people see them take.
func (c *cli) simOptions(talks bool) sim.Options {
	if !talks {
		return sim.Options{Logger: c.logger(slog.LevelInfo)}
	}
	return sim.Options{
		Logger: c.logger(slog.LevelWarn), Seed: 1,
		Latency: sim.Range{Min: 50 * time.Millisecond, Max: 150 * time.Millisecond},
	}
}

// isNull says whether a stream is the null device, which is no terminal though it is a character device, too.
func isNull(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}
