package socket_test

import (
	"testing"

	"botengine/internal/yjiyun/socket/sockettest"
)

func TestConformance(t *testing.T) { sockettest.Run(t, newClient, nil) }
