{
  "message_id": "2020030216285000000002",
  "robot": "03f16c3b9b6a46108c38b9f2aa49b27b",
  "type": "message.link",
  "chat": "S:1688853470427542_1688853470829406",
  "lane": "chat",
  "class": "V",
  "fields": {
    "title": "链接标题",
    "link": "https://www.yjiyun.com/community/group.html",
    "description": "链接描述内容",
    "coverImgFile": "https://media.yjiyun.com/xxx.png"
  }
}
