package actions_test

import (
	"testing"

	"botengine/internal/actions"
)

func TestDurationHintWritesWhatPeopleMean(t *testing.T) {
	for written, want := range map[string]string{
		"十分钟": "写成 `10m`", "半小时": "写成 `30m`", "二十秒": "写成 `20s`", "两个小时": "写成 `2h`", "每小时": "写成 `1h`", "一周": "写成 `7d`",
		"１０ 分钟": "写成 `10m`", "10min": "写成 `10m`", "3 天": "写成 `3d`", "一百二十秒": "写成 `120s`", "每隔五分钟": "写成 `5m`",
		"60": "加上单位：`60s` 是秒，`60m` 是分钟，`60h` 是小时",
		"很久": "数字加单位，例如 `30s`、`10m`、`2h`、`7d`", "零秒": "数字加单位，例如 `30s`、`10m`、`2h`、`7d`",
	} {
		if got := actions.DurationHint(written).ZH; got != want {
			t.Errorf("%s: %s, want %s", written, got, want)
		}
	}
}
