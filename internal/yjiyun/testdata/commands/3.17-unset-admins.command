{
  "message_id": "20210318201314888888",
  "robot": "5f413d5982354c76a9bfa53e8b7801fd",
  "type": "robot.conv.modify.admins",
  "lane": "action",
  "class": "I",
  "fields": {
    "opcode": 2,
    "conversationId": "R:10696661588019912",
    "admins": [
      "1688853866655589"
    ]
  }
}
