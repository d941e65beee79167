package config

import (
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// config reads the whole file. root is nil when the file is empty.
func (d *decoder) config(root *yaml.Node, cfg *Config) {
	if root == nil {
		root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	}
	var lang string
	d.whole(cfg, &lang).read(root)
	cfg.Lang = diag.Lang(lang)
	if len(cfg.Accounts) == 0 && !d.findings.HasErrors() {
		d.report(d.at(root).Error("BE519", diag.T("没有账号：`accounts` 至少要有一个", "no account: `accounts` needs at least one")))
	}
}

// whole reads all that the file may have.
func (d *decoder) whole(cfg *Config, lang *string) setter {
	return d.object(map[string]setter{
		"accounts": d.list(d.account(cfg)),
		"rules":    d.rules(cfg),
		"state":    d.state(&cfg.State),
		"limits":   d.limits(&cfg.Limits),
		"catchup":  d.catchUp(&cfg.CatchUp),
		"takeover": d.takeover(&cfg.Takeover),
		"guard":    d.guard(&cfg.Guard),
		"fuses":    d.fuses(&cfg.Fuses),
		"call":     d.call(&cfg.Call),
		"notify":   d.staffChats(&cfg.Notify),
		"console":  d.object(map[string]setter{"listen": d.listen(&cfg.Console.Listen)}),
		"metrics":  d.metrics(&cfg.Metrics),
		"log": d.object(map[string]setter{
			"format": d.word(&cfg.Log.Format, "auto", "text", "json"),
			"level":  d.word(&cfg.Log.Level, "debug", "info", "warn", "error"),
			"text":   d.word(&cfg.Log.Text, "none", "hash", "full"),
		}),
		"lang": d.word(lang, string(diag.ZH), string(diag.EN)),
	})
}

// rules reads the folders with rules; one that does not exist is a mistake.
func (d *decoder) rules(cfg *Config) setter {
	return setter{node: schema.OrMany(schema.Text(), 1), read: func(n *yaml.Node) {
		cfg.Rules = nil
		before := len(d.findings)
		d.list(setter{node: schema.Text(), read: func(n *yaml.Node) {
			var p string
			d.text(&p).read(n)
			if p == "" {
				return
			}
			if _, err := os.Stat(d.path(p)); err != nil {
				d.report(d.at(n).Error("BE601", diag.T("找不到 `%s`", "`%s` is not there", n.Value)).
					WithHint(diag.T("路径从配置文件所在的文件夹算起", "the path begins at the folder of the configuration")))
				return
			}
			cfg.Rules = append(cfg.Rules, p)
		}}).read(n)
		if len(cfg.Rules) == 0 && !d.findings[before:].HasErrors() {
			d.report(d.at(n).Error("BE502", diag.T("`rules` 至少要有一个文件夹", "`rules` needs at least one folder")))
		}
	}}
}

// state reads where the engine remembers.
func (d *decoder) state(s *State) setter {
	return d.object(map[string]setter{
		"path":      d.text(&s.Path),
		"journal":   d.journal(&s.Journal),
		"ballast":   d.ballast(&s.Ballast),
		"snapshots": d.snapshots(&s.Snapshots),
	})
}

// ballast reads a size; off = no such file.
func (d *decoder) ballast(size *int64) setter {
	field := d.size(size)
	return unlessOff(schema.OrWords(field.node, "off"), field.read, func() { *size = 0 })
}

// snapshots reads how often the state is copied; off = never.
func (d *decoder) snapshots(s *Snapshots) setter {
	fields := d.object(map[string]setter{
		"every": d.duration(&s.Every, time.Minute, year),
		"keep":  d.number(&s.Keep, 1, 100),
	})
	return unlessOff(schema.OrWords(fields.node, "off"), fields.read, func() { s.Every = 0 })
}

// journal reads what is kept of the recorded events; off = nothing.
func (d *decoder) journal(j *Journal) setter {
	fields := d.object(map[string]setter{
		"keep":     d.duration(&j.Keep, time.Minute, 10*year),
		"max_size": d.size(&j.MaxSize),
		"text":     d.word(&j.Text, "full", "hash", "none"),
	})
	return unlessOff(schema.OrWords(fields.node, "off"), fields.read, func() { j.Text = "" })
}

// size reads a size of at least 1 MiB.
func (d *decoder) size(dst *int64) setter {
	node := orReference(schema.Scalar(sizeShape.String(), diag.T("写成 512MiB 或 2GiB", "write 512MiB or 2GiB")))
	return setter{node: node, read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		v, err := ParseSize(s)
		if err != nil {
			d.report(d.at(n).Error("BE508", diag.T("`%s` 不是大小", "`%s` is not a size", n.Value)).
				WithHint(diag.T("写成 512MiB 或 2GiB", "write 512MiB or 2GiB")))
			return
		}
		if v < 1<<20 {
			d.report(d.at(n).Error("BE511", diag.T("不能小于 1MiB", "it can't be below 1MiB")))
			return
		}
		*dst = v
	}}
}

// jitter reads a range of durations.
func (d *decoder) jitter(dst *Span) setter {
	one := strings.Trim(durationPattern, "^$")
	node := orReference(schema.Scalar("^"+one+`(?:\.\.`+one+")?$", diag.T("写成 1s..3s，小的在前", "write 1s..3s, the smaller first")))
	return setter{node: node, read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		v, err := ParseSpan(s)
		if err != nil {
			d.report(d.at(n).Error("BE509", diag.T("`%s` 不是时长范围", "`%s` is not a range of durations", n.Value)).
				WithHint(diag.T("写成 1s..3s，小的在前", "write 1s..3s, the smaller first")))
			return
		}
		if v.Max > 10*time.Minute {
			d.report(d.at(n).Error("BE511", diag.T("不能超过 10m", "it can't be above 10m")))
			return
		}
		*dst = v
	}}
}

// catchUp reads how what was missed is fetched.
func (d *decoder) catchUp(c *CatchUp) setter {
	return d.object(map[string]setter{
		"look_back": d.duration(&c.LookBack, time.Minute, 30*day),
		"audit":     d.orOff(&c.Audit, time.Minute, day),
	})
}

// takeover reads a duration or off.
func (d *decoder) takeover(dst *time.Duration) setter { return d.orOff(dst, 0, 30*day) }

// orOff reads a duration, or off for none.
func (d *decoder) orOff(dst *time.Duration, least, most time.Duration) setter {
	return unlessOff(schema.OrWords(durationNode(), "off"), d.duration(dst, least, most).read, func() { *dst = 0 })
}

// account reads one account.
func (d *decoder) account(cfg *Config) setter {
	return setter{node: d.accountFields(&Account{}, cfg).needing((&Account{}).lacks()...).node, read: func(n *yaml.Node) {
		a := DefaultAccount()
		before := len(d.findings)
		d.accountFields(&a, cfg).read(n)
		if !d.findings[before:].HasErrors() {
			d.complete(n, a)
		}
		cfg.Accounts = append(cfg.Accounts, a)
	}}
}

// accountFields reads what an account may have.
func (d *decoder) accountFields(a *Account, cfg *Config) setter {
	return d.object(map[string]setter{
		"name":          d.accountName(&a.Name, cfg),
		"rest_url":      d.address(&a.RestURL, "https", "http"),
		"socket_url":    d.address(&a.SocketURL, "https", "http", "wss", "ws"),
		"access_key":    d.secret(&a.AccessKey),
		"access_secret": d.secret(&a.AccessSecret),
		"protocol":      d.protocol((*string)(&a.Protocol)),
		"transport":     d.transport((*string)(&a.Transport)),
		"msg_filter":    d.flag(&a.MsgFilter),
		"reconnect":     d.reconnect(&a.Reconnect),
		"commands":      d.commands(&a.Commands),
		"facts":         d.facts(&a.Facts),
	})
}

// protocol reads the revision of Engine.IO, which is a word that looks like a number.
func (d *decoder) protocol(dst *string) setter {
	s := d.word(dst, string(ProtocolAuto), string(Protocol3), string(Protocol4))
	s.node = schema.Or(s.node, &schema.Node{Types: []string{schema.Integer}})
	return s
}

// complete reports what an account can't be without.
func (d *decoder) complete(n *yaml.Node, a Account) {
	for _, name := range a.lacks() {
		d.report(d.at(n).Error("BE502", diag.T("账号缺少 `%s`", "the account has no `%s`", name)))
	}
}

// lacks are the settings that an account can't be without and this one has not.
func (a *Account) lacks() (out []string) {
	for _, need := range []struct {
		name    string
		missing bool
	}{{"name", a.Name == ""}, {"access_key", a.AccessKey.IsZero()}, {"access_secret", a.AccessSecret.IsZero()}} {
		if need.missing {
			out = append(out, need.name)
		}
	}
	return out
}

// accountName reads a name that no account before has.
func (d *decoder) accountName(dst *string, cfg *Config) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		d.text(dst).read(n)
		bad := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("/\\", r) }
		if strings.ContainsFunc(*dst, bad) {
			d.report(d.at(n).Error("BE521", diag.T("账号名称不能有空格和斜杠", "the name of an account has no spaces and slashes")))
			return
		}
		for _, other := range cfg.Accounts {
			if *dst != "" && other.Name == *dst {
				d.report(d.at(n).Error("BE513", diag.T("账号名称 `%s` 重复", "the account name `%s` is taken", n.Value)))
			}
		}
	}}
}

// transport reads how the socket is carried and says why polling is refused.
func (d *decoder) transport(dst *string) setter {
	words := d.word(dst, string(TransportAuto), string(TransportWebsocket))
	return setter{node: words.node, read: func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Value == "polling" {
			d.report(d.at(n).Error("BE512", diag.T("不支持 polling，只支持 websocket", "polling is not supported, only websocket")).
				WithHint(diag.T("写 auto 或 websocket", "write auto or websocket")))
			return
		}
		words.read(n)
	}}
}

// reconnect reads the pauses before a new connection.
func (d *decoder) reconnect(r *Reconnect) setter {
	least, most := d.duration(&r.Min, MinReconnect, day), d.duration(&r.Max, MinReconnect, day)
	explicit := false
	both := d.object(map[string]setter{
		"min": least,
		"max": {node: most.node, read: func(n *yaml.Node) {
			explicit = true
			most.read(n)
		}},
	})
	return setter{node: both.node, read: func(n *yaml.Node) {
		both.read(n)
		switch {
		case r.Max >= r.Min:
		case explicit:
			d.report(d.at(n).Error("BE511", diag.T("`max` 不能小于 `min`", "`max` can't be below `min`")))
		default:
			r.Max = r.Min
		}
	}}
}

// correctable are the commands whose wire form the platform's document lost.
var correctable = []string{"kick", "remark", "create_group"}

// commands reads corrections of commands.
func (d *decoder) commands(dst *map[string]Command) setter {
	fields := func(c *Command) setter {
		return d.object(map[string]setter{
			"type": d.text(&c.Type),
			"fields": d.table(schema.Text(), func(key, value *yaml.Node) {
				var name string
				d.text(&name).read(value)
				c.Fields[key.Value] = name
			}),
		})
	}
	table := d.table(nil, func(key, value *yaml.Node) {
		if !slices.Contains(correctable, key.Value) {
			d.report(d.at(key).Error("BE520", diag.T("没有可以更正的命令 `%s`", "there is no command `%s` to correct", key.Value)).
				WithHint(diag.Suggestion(key.Value, correctable)))
			return
		}
		c := Command{Fields: map[string]string{}}
		fields(&c).read(value)
		if *dst == nil {
			*dst = map[string]Command{}
		}
		(*dst)[key.Value] = c
	})
	table.node = schema.Group(nil)
	for _, name := range correctable {
		table.node.Props = append(table.node.Props, schema.Prop{Name: name, Node: fields(&Command{}).node})
	}
	return table
}
