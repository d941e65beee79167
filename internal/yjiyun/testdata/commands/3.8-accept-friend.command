{
  "message_id": "20200427180413632805451075",
  "robot": "03f16c3b9b6a46108c38b9f2aa49b27b",
  "type": "robot.accept.friend.request",
  "lane": "action",
  "class": "I",
  "fields": {
    "friendWxid": "780000919"
  }
}
