package webcall

import (
	"errors"
	"fmt"
	"strings"
)

// reveal replaces each ${NAME} in a header by the secret of that name. What comes
// in is not looked at again.
func (c *Client) reveal(value string) (string, error) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(value, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return "", errors.New("`${` has no closing `}`")
		}
		secret, ok := "", false
		if c.o.Secrets != nil {
			secret, ok = c.o.Secrets(name)
		}
		if !ok {
			return "", fmt.Errorf("the configuration has no secret %s under `call.secrets`", name)
		}
		out.WriteString(secret)
		value = rest
	}
}
