{
  "message_id": "2020030216285000000002",
  "robot": "03f16c3b9b6a46108c38b9f2aa49b27b",
  "type": "robot.message.forward",
  "lane": "action",
  "class": "I",
  "fields": {
    "msgSvrID": 1058842,
    "friends": [
      "1688853470829406",
      "R:1970325038158435"
    ]
  }
}
