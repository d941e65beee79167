package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"botengine/internal/config"
	"botengine/internal/diag"

	"go.yaml.in/yaml/v3"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	secret := config.NewSecret("CANARY-7f3a")
	holder := struct {
		Name   string
		Secret config.Secret
		Ptr    *config.Secret
		Map    map[string]config.Secret
	}{"x", secret, &secret, map[string]config.Secret{"k": secret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%c", "%U", "%e", "%08.3f", "%T"} {
		fmt.Fprintf(&out, verb+"\n", secret)
		fmt.Fprintf(&out, verb+"\n", &secret)
		fmt.Fprintf(&out, verb+"\n", holder)
		fmt.Fprintf(&out, verb+"\n", []config.Secret{secret})
	}
	fmt.Fprintln(&out, fmt.Errorf("wrapped: %w", fmt.Errorf("%v", secret)), secret.String())
	for _, encode := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		for _, v := range []any{secret, holder, config.Config{Accounts: []config.Account{{AccessSecret: secret}}}} {
			b, err := encode(v)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(b, []byte("secret>")) && !bytes.Contains(b, []byte(`secret\u003e`)) {
				t.Errorf("the secret is not even shown as hidden: %s", b)
			}
			out.Write(b)
		}
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("canary", "secret", secret, "holder", holder, "account", config.Account{AccessKey: secret})
	}
	if strings.Contains(out.String(), "CANARY") || strings.Contains(out.String(), "7f3a") || strings.Contains(out.String(), "43414e415259") {
		t.Errorf("the secret was printed: %s", out.String())
	}
	if secret.Reveal() != "CANARY-7f3a" {
		t.Errorf("the secret is lost: %q", secret.Reveal())
	}
}

// TestFindingsNeverShowASecret breaks configurations in many ways around a
// secret that stands in the file.
func TestFindingsNeverShowASecret(t *testing.T) {
	for name, text := range map[string]string{
		"in block style":                    "accounts:\n  - name: a\n    access_key: CANARY1\n    access_secret: CANARY2\n",
		"in one line with another fault":    "accounts:\n  - {name: a, acces_key: CANARY1, access_secret: \"CANARY2\", x: 1}\n",
		"with a full-width colon":           "accounts:\n  - name: a\n    access_secret：CANARY1\n    access_key: ${env:KEY}\n",
		"without a space":                   "accounts:\n  - name: a\n    access_secret:CANARY1\n    access_key: ${env:KEY}\n",
		"as a comment":                      "accounts:\n  - name: a\n    access_secret: #CANARY1\n",
		"with a colon inside":               "accounts:\n  - name: a\n    access_secret: CANARY1: x\n",
		"beginning with a percent sign":     "accounts:\n  - name: a\n    access_secret: %CANARY1\n",
		"beginning with a star":             "accounts:\n  - name: a\n    access_secret: *CANARY1\n",
		"beginning like a tag":              "accounts:\n  - name: a\n    access_secret: !CANARY1 x\n",
		"in quotes that are not closed":     "accounts:\n  - name: a\n    access_secret: \"CANARY1\n",
		"on the line below":                 "accounts:\n  - name: a\n    access_secret:\n      @CANARY1\n",
		"in a block of text":                "accounts:\n  - name: a\n    access_secret: |\n      CANARY1\n    x: 1\n",
		"as a list":                         "accounts:\n  - name: a\n    access_secret: [CANARY1, CANARY2]\n",
		"as a mapping":                      "accounts:\n  - name: a\n    access_secret: {CANARY1: CANARY2}\n",
		"inside something like a reference": "accounts:\n  - name: a\n    access_secret: \"ab${CANARY1}\"\n",
		"beside a reference":                "accounts:\n  - name: a\n    access_secret: \"${env:NOPE}CANARY1\"\n",
		"as a password in an address":       "accounts:\n  - name: a\n    rest_url: https://user:CANARY1@example.com\n",
		"with a misplaced tab":              "accounts:\n  - name: a\n\taccess_secret: CANARY1\n",
		"from the environment":              "accounts:\n  - {name: a, access_key: \"${env:KEY}\", access_secret: \"${env:SECRET}\", protocol: \"${env:SECRET}\", rest_url: \"${env:SECRET}\"}\ntakeover: ${env:SECRET}\nconsole: {listen: \"${env:SECRET}\"}\nlimits: {jitter: \"${env:SECRET}\", chat: {per_minute: \"${env:SECRET}\"}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, findings, _ := load(t, text)
			if len(findings) == 0 {
				t.Fatal("nothing was found")
			}
			for _, o := range []diag.Options{{Lang: diag.ZH}, {Lang: diag.EN, Color: true}, {Format: diag.FormatShort}, {Format: diag.FormatJSON}} {
				var b bytes.Buffer
				if err := diag.Print(&b, findings, func(string) ([]byte, bool) { return []byte(text), true }, o); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(b.String(), "CANARY") {
					t.Fatalf("the secret was printed:\n%s", b.String())
				}
			}
		})
	}
}
