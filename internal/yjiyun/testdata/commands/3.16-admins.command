{
  "message_id": "202103182013146666666",
  "robot": "5f413d5982354c76a9bfa53e8b7801fd",
  "type": "robot.conv.admins",
  "lane": "action",
  "class": "I",
  "fields": {
    "conversationId": "R:10696661588019912"
  }
}
