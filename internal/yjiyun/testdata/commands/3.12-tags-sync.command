{
  "message_id": "2020110901993434",
  "robot": "e8ef2eea32f44f45b05dd0fe9f0acb2e",
  "type": "robot.tags.sync",
  "lane": "action",
  "class": "I",
  "fields": {}
}
