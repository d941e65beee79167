package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/config"
)

func TestWhatMayBeCalledAndWhomToNotify(t *testing.T) {
	cfg, findings, _ := load(t, account+`
call:
  hosts: [CRM.example.com, "shop.example.com:8443", {host: "10.0.0.5:8080", private: true, http: true}, {host: "[fd00::1]:443", private: true}]
  secrets: {crm_token: "${env:SECRET}"}
notify:
  客服群: R:10696052725010172
  值班群: {robot: cfb3e2c2, chat: "S:1688853470427542_R:10696052725010172"}
  王经理: {chat: "7881302985963919"}
`)
	if len(findings) > 0 {
		t.Fatalf("findings: %+v", findings)
	}
	hosts := []config.CallHost{{Host: "crm.example.com"}, {Host: "shop.example.com:8443"}, {Host: "10.0.0.5:8080", Private: true, HTTP: true}, {Host: "[fd00::1]:443", Private: true}}
	if d := cmp.Diff(hosts, cfg.Call.Hosts); d != "" {
		t.Error(d)
	}
	chats := map[string]config.StaffChat{
		"客服群": {Chat: "R:10696052725010172"}, "值班群": {Robot: "cfb3e2c2", Chat: "S:1688853470427542_R:10696052725010172"}, "王经理": {Chat: "7881302985963919"},
	}
	if d := cmp.Diff(chats, cfg.Notify); d != "" {
		t.Error(d)
	}
	if s := cfg.Call.Secrets["crm_token"]; s.Reveal() != "CANARY-env" || strings.Contains(fmt.Sprintf("%+v", cfg.Call), "CANARY") {
		t.Errorf("the secret is %q, and the settings print %+v", s.Reveal(), cfg.Call)
	}
}

func TestWhatIsNoHostAndNoChat(t *testing.T) {
	for text, want := range map[string]string{
		"call: {hosts: [\"https://crm.example.com\"]}":        "BE506",
		"call: {hosts: [\"*.example.com\"]}":                  "BE506",
		"call: {hosts: [\"crm.example.com/orders\"]}":         "BE506",
		"call: {hosts: [\"crm.example.com:99999\"]}":          "BE506",
		"call: {hosts: [{host: a.test, privat: true}]}":       "BE501",
		"call: {secrets: {\"crm token\": \"${env:SECRET}\"}}": "BE521",
		"call: {secrets: {crm: abc}}":                         "BE515 W",
		"notify: {客服群: 客服群}":                                  "BE514",
		"notify: {客服群: {robot: a, chat: \"R:1\"}}":            "BE514",
		"notify: {客服群: \"S:1_R:1\"}":                          "BE514",
	} {
		_, findings, _ := load(t, account+text+"\n")
		if got := brief(findings); len(got) == 0 || !slices.ContainsFunc(got, func(s string) bool { return strings.HasSuffix(s, want) }) {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}
