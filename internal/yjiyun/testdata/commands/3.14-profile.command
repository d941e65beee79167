{
  "message_id": "2020110901993434",
  "robot": "e8ef2eea32f44f45b05dd0fe9f0acb2e",
  "type": "robot.info.modify",
  "lane": "action",
  "class": "I",
  "fields": {
    "name": "HONG",
    "alias": "HONG",
    "gender": 1,
    "phone": "38261212",
    "mobile": "139xxxxxxxxx",
    "position": "CPP"
  }
}
