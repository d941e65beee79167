package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (c *cli) versionCmd() *cobra.Command {
	output := "text"
	cmd := &cobra.Command{
		Use:   "version",
		Short: c.say("版本", "the version"),
		Long: c.say("显示版本。-o cyclonedx 列出程序由哪些模块构成（CycloneDX SBOM），供漏洞扫描用。",
			"Shows the version. -o cyclonedx lists the modules the program is made of, a CycloneDX SBOM for those who look for vulnerabilities."),
		Args: c.noArgs,
		RunE: func(*cobra.Command, []string) error {
			switch info, ok := debug.ReadBuildInfo(); {
			case output == "cyclonedx" && ok:
				return writeParts(c.out, info)
			case output != "text":
				return errors.New(c.say("-o 只能是 text 或 cyclonedx", "-o is text or cyclonedx"))
			}
			_, err := fmt.Fprintf(c.out, "botengine %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", output, "text | cyclonedx")
	return cmd
}

// version is what the build knows of itself: a release's number or a commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
