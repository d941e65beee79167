{
  "message_id": "2020110901993435",
  "robot": "e8ef2eea32f44f45b05dd0fe9f0acb2e",
  "type": "robot.cust.tags",
  "lane": "action",
  "class": "I",
  "fields": {
    "erasingTags": [
      "14073753029596038",
      "14073751306622334"
    ],
    "tags": [
      "14073751575621261",
      "14073752493595753"
    ],
    "userId": "7881302985963919"
  }
}
