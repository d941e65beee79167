package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"

	"botengine/internal/ctl"
	"botengine/internal/state"
)

// BackupParams say where a copy of the state is to be made.
type BackupParams struct {
	Path string `json:"path"` // absolute: the engine may run elsewhere
}

// Backup is what was copied, version 1.
type Backup struct {
	V     int    `json:"v"`
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// ctlBackup copies the state as it is when it is asked for. The engine goes on.
func (a *App) ctlBackup(ctx context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[BackupParams](raw)
	if err != nil {
		return nil, err
	}
	store, can := a.store.(state.Copier)
	if !can || !filepath.IsAbs(p.Path) {
		return nil, &ctl.Error{Code: ctl.CodeBadParams, ZH: "要写完整的路径", EN: "the whole path is needed"}
	}
	var n int64
	err = state.WriteFile(p.Path, func(w io.Writer) error {
		n, err = store.Copy(ctx, w)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, &ctl.Error{Code: "exists", ZH: p.Path + " 已经存在，不会覆盖：换一个名字", EN: p.Path + " exists and is not overwritten: choose another name"}
	case err != nil:
		return nil, &ctl.Error{Code: ctl.CodeFailed, ZH: fmt.Sprintf("备份没有做成：%v", err), EN: fmt.Sprintf("there is no backup: %v", err)}
	}
	a.o.Log.Info("the state was backed up", "path", p.Path, "bytes", n)
	return Backup{V: 1, Path: p.Path, Bytes: n}, nil
}

// LogLevelParams say from which level on the engine logs; "" asks what it is.
type LogLevelParams struct {
	Level string `json:"level,omitempty"`
}

// LogLevel is from which level on the engine logs, version 1.
type LogLevel struct {
	V     int    `json:"v"`
	Level string `json:"level"`
}

// logLevels are the names of the levels.
var logLevels = []string{"debug", "info", "warn", "error"}

func (a *App) ctlLogLevel(_ context.Context, raw json.RawMessage) (any, error) {
	p, err := ctl.Params[LogLevelParams](raw)
	if err != nil {
		return nil, err
	}
	if a.o.Level == nil {
		return nil, &ctl.Error{Code: "fixed", ZH: "这个引擎的日志级别不能改", EN: "the log level of this engine cannot be changed"}
	}
	if p.Level != "" {
		var l slog.Level
		if !slices.Contains(logLevels, p.Level) || l.UnmarshalText([]byte(p.Level)) != nil {
			return nil, &ctl.Error{Code: ctl.CodeBadParams, ZH: "级别是 debug、info、warn 或 error", EN: "the level is debug, info, warn or error"}
		}
		a.o.Level.Set(l)
		a.o.Log.Log(context.Background(), max(l, slog.LevelWarn), "the log level was changed", "level", p.Level)
	}
	return LogLevel{V: 1, Level: levelName(a.o.Level.Level())}, nil
}

func levelName(l slog.Level) string {
	switch {
	case l <= slog.LevelDebug:
		return "debug"
	case l <= slog.LevelInfo:
		return "info"
	case l <= slog.LevelWarn:
		return "warn"
	default:
		return "error"
	}
}
