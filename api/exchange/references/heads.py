"""What stands above and below the tables of the reference pages."""

from __future__ import annotations

COMMANDS_EN = """\
# Command-line reference

Written by `make docs` from the command line itself; a test compares it. 中文版：
[cli.zh-CN.md](cli.zh-CN.md). After `make demo` or `make test` it is `.venv/bin/pingzhan`;
how to use it: [operating.md](operating.md#the-command-line).

● marks what must be said, … what may be said several times. Options that many commands
share: `--data` the data directory, else `PINGZHAN_DATA`; `--json` prints one JSON object;
`--as` acts as this demo account; `--command-id` makes a call safe to repeat: the same id
gives the same receipt. *As `POST …`*: it asks this address and prints what that answers,
see [http.md](http.md).
"""
COMMANDS_ZH = """\
# 命令行参考

由 `make docs` 按命令行本身写成，测试会核对。English: [cli.md](cli.md)。运行过 `make demo` 或 `make test`
之后，命令是 `.venv/bin/pingzhan`；用法见 [operating.zh-CN.md](operating.zh-CN.md#命令行)。

● 为必填，… 为可以重复。许多命令共有的选项：`--data` 数据目录，不写时用 `PINGZHAN_DATA`；`--json` 输出一个 JSON 对象；
`--as` 以这个演示账号办事；`--command-id` 使命令可以放心重发：同一编号得到同一回执。“同 `POST …`”：调用的是
这个地址，输出它所返回的，见 [http.zh-CN.md](http.zh-CN.md)。
"""
OPERATIONS_EN = """\
# HTTP reference

Written by `make docs` from the declarations; a test compares it with them. 中文版：
[http.zh-CN.md](http.zh-CN.md). The same as a machine reads it: `GET /api/v1/openapi.json`.
How to sign in, and what a status means: [architecture.md](architecture.md#http).

Every address begins with `/api/v1`. ● marks what must be said. Unknown fields of a body
and unknown parameters of a declared read are refused (422, naming each).

- **A decision** takes an `Idempotency-Key` (8 to 64 of letters, digits, `-`, `_`) and
  answers a **receipt**: `command`, `seq`, `first_seq`, `root`, `recorded_at`. Its body
  may also say `seen_seq` (the position on the caller's screen), `occurred_at` (when it
  happened, if not now; RFC 3339), `basis` (依据) and `reason` (理由).
- **A list** answers `rows`, `total`, `page`, `pages`, `size`, `sort`, `seq`. Its query
  takes `q` (search), `sort` (a column, `-column` downwards), `f.<column>`, `page`, `size`
  (200 at most), `format` (`json`, `csv`, `xlsx`), `lang`, `columns`.
- **A read** takes `min_seq` (wait until the views show it) and, where named, `at` (as of
  a position).
- **A refusal** is `code`, `zh`, `en`, `fields`, `facts`: [refusals.md](refusals.md).
"""
OPERATIONS_ZH = """\
# HTTP 接口参考

由 `make docs` 按声明写成，测试会核对。English: [http.md](http.md)。机器可读的同一内容：
`GET /api/v1/openapi.json`。怎样登录、状态码的含义：[architecture.md](architecture.md#http)（英文）。

所有地址以 `/api/v1` 开头。● 为必填。请求体里的未知字段、已声明的查询里的未知参数一律拒绝（422，逐个指出）。

- **决定**须带 `Idempotency-Key`（8 至 64 个字母、数字、`-`、`_`），返回**回执**：`command`、`seq`、
  `first_seq`、`root`、`recorded_at`。请求体还可写 `seen_seq`（当时屏上的位置）、`occurred_at`（不是现在发生的，写发生时间，
  RFC 3339）、`basis`（依据）和 `reason`（理由）。
- **清单**返回 `rows`、`total`、`page`、`pages`、`size`、`sort`、`seq`。参数：`q`（搜索）、`sort`（列名，前加 `-` 为降序）、
  `f.<列>`、`page`、`size`（至多 200）、`format`（`json`、`csv`、`xlsx`）、`lang`、`columns`。
- **查询**可带 `min_seq`（等到视图显示这个位置）；写明 `at` 的，可查过去某个位置。
- **拒绝**是 `code`、`zh`、`en`、`fields`、`facts`：见 [refusals.md](refusals.md)。
"""
ACTIONS_EN = """\
## Who may do what

From `coordination/permit.py`; what does not stand here is denied. `self`: what is the
caller's own. `anybody`: without a session. A role counts inside the area it is held for;
*anywhere*: outside it too; *no place named*: for what names no place a role for a part of
the world will do. `EMERGENCY`: only where an emergency is in force.
"""
ACTIONS_ZH = """\
## 谁能做什么

出自 `coordination/permit.py`，没有写明的一律拒绝。`self`：本人自己的；`anybody`：不登录也可以。角色只在其区域内有效；
“不限区域”：区域外也有效；“未指明地点时不限”：不涉及具体地点时，持有任何一处的该角色即可。`EMERGENCY`：仅限应急状态的地方。
"""
EVENTS_HEAD = """\
# Stored events

Written by `make docs` from `coordination/catalogue.py`; a test compares it. Nothing else
can be stored. The stored name ends in its version; a stream's events are numbered from 1.
"""
EVENTS_FOOT = """
Older names are read for ever and written no more; upcasters in the catalogue make the
newer ones of them: {old}.
"""
REFUSALS_HEAD = """\
# Refusals

Written by `make docs`; a test compares it with the code. Braces are filled from `facts`.
A code without a status in `api/http/errors.py` is a 409. ● marks those that are also
recorded as an event. The command line prints the same codes and exits 2.
"""
REFUSALS_FOOT = """
Not refusals of a rule, in the same shape: `request.invalid` (422) names each field that
does not fit; `http.404`, `http.405` … are what the web framework says. Faults of a
playbook (`playbook.shape` …) are findings of `pingzhan playbook lint`.
"""
