package config

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// Call is what `call` steps may do.
type Call struct {
	Hosts   []CallHost
	Secrets map[string]Secret // for headers, by the name that rules write
}

// CallHost is a host that `call` steps may go to.
type CallHost struct {
	Host    string // host or host:port, in small letters
	Private bool   // it may have a private address
	HTTP    bool   // http will do
}

// StaffChat is a chat that `notify` steps know by a name.
type StaffChat struct {
	Robot string // the robotKey of the robot that speaks; "" = the event's own
	Chat  string // a person's id, a group's, or a whole chat id
}

// call reads what `call` steps may do.
func (d *decoder) call(c *Call) setter {
	return d.object(map[string]setter{
		"hosts": d.list(d.callHost(c)),
		"secrets": d.table(d.secret(new(Secret)).node, func(key, value *yaml.Node) {
			if !secretName.MatchString(key.Value) {
				d.report(d.at(key).Error("BE521", diag.T("`%s` 不能作密钥的名称", "`%s` can't be the name of a secret", key.Value)).
					WithHint(diag.T("用字母、数字和下划线", "letters, digits and underscores")))
				return
			}
			var s Secret
			d.secret(&s).read(value)
			if c.Secrets == nil {
				c.Secrets = map[string]Secret{}
			}
			c.Secrets[key.Value] = s
		}),
	})
}

// callHost reads one host with what it may be called for.
func (d *decoder) callHost(c *Call) setter {
	fields := func(h *CallHost) setter {
		return d.object(map[string]setter{"host": d.host(&h.Host), "private": d.flag(&h.Private), "http": d.flag(&h.HTTP)})
	}
	return setter{node: schema.Or(d.host(new(string)).node, fields(&CallHost{}).node), read: func(n *yaml.Node) {
		var h CallHost
		if n.Kind == yaml.MappingNode {
			fields(&h).read(n)
		} else {
			d.host(&h.Host).read(n)
		}
		if h.Host != "" {
			c.Hosts = append(c.Hosts, h)
		}
	}}
}

// secretName is a name that rules can write as ${NAME}.
var secretName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// hostShape is a name or an IPv4 address, with a port or without.
var hostShape = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?(:[0-9]{1,5})?$`)

// host reads a host that may be called: no address, no pattern.
func (d *decoder) host(dst *string) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		var s string
		d.text(&s).read(n)
		if s == "" {
			return
		}
		s = strings.ToLower(s)
		if !isHost(s) {
			d.report(d.at(n).Error("BE506", diag.T("这不是主机名", "this is not a host")). // not quoted: it may hold a password
													WithHint(diag.T("写成 crm.example.com 或 crm.example.com:8443，不带 https:// 和路径", "write crm.example.com or crm.example.com:8443, without https:// and a path")))
			return
		}
		*dst = s
	}}
}

func isHost(s string) bool {
	if name, port, err := net.SplitHostPort(s); err == nil {
		if p, err := strconv.Atoi(port); err != nil || p < 1 || p > 65535 {
			return false
		}
		if at, err := netip.ParseAddr(name); err == nil && at.Is6() {
			return true
		}
	}
	return hostShape.MatchString(s)
}

// staffChats reads the chats that `notify` steps know by a name.
func (d *decoder) staffChats(dst *map[string]StaffChat) setter {
	fields := func(c *StaffChat) setter {
		return d.object(map[string]setter{"robot": d.text(&c.Robot), "chat": d.text(&c.Chat)})
	}
	return d.table(schema.Or(schema.Text(), fields(&StaffChat{}).node), func(key, value *yaml.Node) {
		var c StaffChat
		before := len(d.findings)
		if value.Kind == yaml.MappingNode {
			fields(&c).read(value)
		} else {
			d.text(&c.Chat).read(value)
		}
		switch whole := strings.HasPrefix(c.Chat, "S:"); {
		case d.findings[before:].HasErrors():
			return
		case !chatShape.MatchString(c.Chat):
			d.report(d.at(value).Error("BE514", diag.T("`chat` 不是人、群或会话的 id", "`chat` is not the id of a person, a group or a chat")).
				WithHint(diag.T("群 id 以 R: 开头，会话 id 以 S: 开头", "a group's id begins with R:, a chat's with S:")))
			return
		case (c.Robot != "") != whole:
			d.report(d.at(value).Error("BE514", diag.T("`robot` 和完整的会话 id（S: 开头）要一起写", "`robot` and a whole chat id, which begins with S:, go together")).
				WithHint(diag.T("写成 {robot: 机器人的 key, chat: \"S:机器人id_R:群id\"}，或只写群 id", "write {robot: KEY, chat: \"S:ROBOT_R:GROUP\"}, or the group's id alone")))
			return
		}
		if *dst == nil {
			*dst = map[string]StaffChat{}
		}
		(*dst)[key.Value] = c
	})
}

// chatShape is the id of a person, a group or a chat.
var chatShape = regexp.MustCompile(`^(S:[0-9]+_)?(R:)?[0-9]+$`)
