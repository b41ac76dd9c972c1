# Two commands are enough: `make run` to use Yibiao, `make test` to prove it. Both install what is missing.
.DEFAULT_GOAL := help
.PHONY: help run test crash fuzz setup setup-test lock upgrade

help:
	@echo "make run      安装所缺、建库、载入演示、打开 http://127.0.0.1:8000 · install, load the demonstration, serve"
	@echo "make test     安装所缺、跑全部检查 · install and run every check"
	@echo "make crash    两个节点反复断电，八人办一万件事，一件不丢 · two nodes killed again and again, ten thousand acts, none lost"
	@echo "make fuzz     用随机与恶意输入反复试，默认 80 分钟（FUZZ_MINUTES） · odd and hostile input, round upon round"
	@echo "make setup    只安装 · install only"
	@echo "make lock     由 pyproject.toml 重写锁定文件 · write the lock files again"
	@echo "make upgrade  同上，并取最新版本 · the same, taking the newest versions"

setup:
	@sh admin/setup/setup.sh run

setup-test:
	@sh admin/setup/setup.sh test

run: setup
	@sh admin/setup/run.sh

test: setup-test
	@sh admin/setup/test.sh

crash: setup-test
	@YIBIAO_CRASH_ROUNDS=$${YIBIAO_CRASH_ROUNDS:-500} YIBIAO_CRASH_REPORTS=$${YIBIAO_CRASH_REPORTS:-1000} .venv/bin/python -m pytest tests/crash/test_kill_flows.py

fuzz: setup-test
	@sh admin/setup/fuzz.sh

lock: setup
	@sh admin/setup/lock.sh

upgrade: setup
	@sh admin/setup/lock.sh --upgrade
