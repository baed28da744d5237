"""Upgrades the cluster of this pod to a newer major version of PostgreSQL: what the script of the image does, in effect, for pods of the sandbox.

    PGVERSION=17 inplace_upgrade.py MEMBERS     in the primary's pod, with the number of members that the cluster should have
    inplace_upgrade.py follow RUN BIN           in a replica's pod, started by the above through the replica's own PostgreSQL

Until pg_upgrade has succeeded, a failure leaves the old version running. Replicas are copied from the upgraded primary again.
Exit code 0: upgraded, or nothing to do. 1: failed, or the primary was upgraded and a replica was not. 2: wrong usage.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

LARGEST_LAG = 16 * 1024 * 1024
PLACES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "usr", "lib", "postgresql")
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failure(Exception):
    pass


def say(text):
    print(time.strftime("%H:%M:%S ") + text, flush=True)


def ask(url, method="GET", body=None, content="application/json", timeout=5):
    """Status and JSON of an answer; status 0 when there is none."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": content} if data else {}, method=method)
    try:
        with DIRECT.open(request, timeout=timeout) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    except OSError:
        return 0, {}
    try:
        return status, json.loads(text)
    except ValueError:
        return status, {}


def until(what, seconds, condition, pause=0.1):
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failure("waited %d s in vain until %s" % (seconds, what))
        time.sleep(pause)


def run(*command, **options):
    say("$ " + " ".join(os.path.basename(command[0]) if word is command[0] else word for word in command))
    return subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, **options).returncode


def process(pid, name):
    try:
        with open("/proc/%s/%s" % (pid, name), "rb") as file:
            return file.read()
    except OSError:
        return b""


def parent(pid):
    fields = process(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def supervisor():
    """The process that owns all processes of the pod: told to commands of kubectl exec, and an ancestor of PostgreSQL."""
    if "SANDBOX_CONTAINER" in os.environ:
        return int(os.environ["SANDBOX_CONTAINER"])
    pid = os.getpid()
    while pid > 1:
        if b"container-process.py\0main\0" in process(pid, "cmdline"):
            return pid
        pid = parent(pid)
    raise Failure("this is no process of a pod")


class Member:
    """Patroni and PostgreSQL of the pod this runs in."""

    def __init__(self, run_directory):
        self.run_directory = run_directory
        self.file = os.path.join(run_directory, "patroni.yml")
        self.read()
        self.data = self.settings["postgresql"]["data_dir"]
        self.api = "http://" + self.settings["restapi"]["connect_address"]
        self.supervisor = supervisor()

    def read(self):
        with open(self.file) as file:
            self.settings = json.load(file)

    def use(self, bin_directory):
        """Patroni finds the programs of another version when it starts again."""
        self.settings["postgresql"]["bin_dir"] = bin_directory
        new = self.file + ".new"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.settings, file, indent=2)
        os.replace(new, self.file)

    def patroni(self):
        for name in filter(str.isdigit, os.listdir("/proc")):
            if parent(name) == self.supervisor and self.file.encode() in process(name, "cmdline"):
                return int(name)
        return 0

    def restart_patroni(self):
        """The supervisor starts Patroni again, and PostgreSQL stays as it is because Patroni is paused."""
        old = until("Patroni runs", 30, self.patroni)
        with open(os.path.join(self.run_directory, "again"), "w"):
            pass
        os.kill(old, signal.SIGTERM)
        until("Patroni has started again", 60, lambda: self.patroni() not in (0, old))
        until("Patroni answers again", 60, lambda: ask(self.api + "/patroni")[0] != 0)

    def stop_postgres(self, bin_directory):
        if run(os.path.join(bin_directory, "pg_ctl"), "stop", "-D", self.data, "-m", "fast", "-w", "-t", "300", stdout=subprocess.DEVNULL) != 0:
            raise Failure("PostgreSQL could not be stopped")


class Upgrade:
    def __init__(self, members, target):
        self.expected = members
        self.member = Member(os.path.dirname(os.environ["PATRONICTL_CONFIG_FILE"]))
        self.target = target
        with open(os.path.join(self.member.data, "PG_VERSION")) as file:
            self.current = file.read().strip()
        self.old_bin = self.member.settings["postgresql"]["bin_dir"]
        self.new_bin = os.path.join(PLACES, target, "bin")
        self.old_data = self.member.data + "_old"
        self.new_data = self.member.data + "_new"
        self.user = self.member.settings["postgresql"]["authentication"]["superuser"]["username"]
        self.replicas = []
        self.paused = self.stopped = self.done = False

    def sql(self, text, host=None, database="postgres"):
        login = self.member.settings["postgresql"]["authentication"]["superuser"]
        variables = dict(os.environ, PGPASSWORD=login["password"], PGSSLMODE="require" if host else "disable", PGCONNECT_TIMEOUT="5", PGOPTIONS="")
        done = subprocess.run(
            [os.path.join(self.new_bin, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", host or self.member.run_directory, "-p", "5432", "-U", self.user, "-d", database, "-c", text],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=variables)
        if done.returncode:
            raise Failure("PostgreSQL of %s said: %s" % (host or "this pod", done.stderr.strip()))
        return done.stdout.strip()

    def check_cluster(self):
        status, own = ask(self.member.api + "/patroni")
        if status != 200 or own.get("state") != "running" or ask(self.member.api + "/leader")[0] != 200:
            raise Failure("PostgreSQL of this pod is not the running primary")
        if own.get("pause"):
            raise Failure("Patroni is paused")
        members = ask(self.member.api + "/cluster")[1].get("members", [])
        if len(members) != self.expected:
            raise Failure("the cluster has %d members and should have %d" % (len(members), self.expected))
        self.replicas = [m for m in members if m["name"] != self.member.settings["name"]]
        streaming = self.sql("select application_name from pg_catalog.pg_stat_replication where pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn) <= %d" % LARGEST_LAG).split("\n")
        for replica in self.replicas:
            if replica["name"] not in streaming:
                raise Failure("the replica %s does not stream, or is far behind" % replica["name"])
            if ask(replica["api_url"], timeout=2)[0] != 200:
                raise Failure("Patroni of the replica %s does not answer" % replica["name"])
            if self.sql("select pg_catalog.pg_is_in_recovery()", replica["host"]) != "t":
                raise Failure("%s is no replica" % replica["name"])

    def make_new(self):
        encoding, collate, ctype = self.sql("select pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype from pg_catalog.pg_database where datname = 'template0'").split("|")
        options = ["--encoding=" + encoding, "--lc-collate=" + collate, "--lc-ctype=" + ctype]
        if self.sql("show data_checksums") == "on":
            options.append("--data-checksums")
        elif int(self.target) >= 18:
            options.append("--no-data-checksums")
        megabytes = int(self.sql("select setting::bigint / 1048576 from pg_catalog.pg_settings where name = 'wal_segment_size'"))
        self.libraries = self.sql("show shared_preload_libraries")
        shutil.rmtree(self.new_data, ignore_errors=True)
        if run(os.path.join(self.new_bin, "initdb"), "--pgdata=" + self.new_data, "--username=" + self.user, "--auth=trust", "--no-sync", "--wal-segsize=%d" % megabytes, *options, stdout=subprocess.DEVNULL):
            raise Failure("the new data directory could not be made")

    def pg_upgrade(self, *options):
        return run(
            os.path.join(self.new_bin, "pg_upgrade"), "--old-bindir=" + self.old_bin, "--new-bindir=" + self.new_bin, "--old-datadir=" + self.member.data, "--new-datadir=" + self.new_data,
            "--username=" + self.user, "--socketdir=" + self.member.run_directory, "--new-options=-c shared_preload_libraries='%s'" % self.libraries, *options, cwd=self.new_data)

    def pause(self, wanted):
        status, _ = ask(self.member.api + "/config", "PATCH", {"pause": True if wanted else None})
        if status != 200:
            raise Failure("Patroni did not take the maintenance mode: status %d" % status)
        self.paused = wanted
        if wanted:
            for url in [self.member.api + "/patroni"] + [re.sub("/[a-z]*$", "/patroni", m["api_url"]) for m in self.replicas]:
                until("every member is in maintenance mode", 60, lambda: ask(url)[1].get("pause"))

    def start_postgres(self):
        until("Patroni starts PostgreSQL", 60, lambda: ask(self.member.api + "/restart", "POST", {}, timeout=60)[0] == 200, 1)
        self.stopped = False
        until("this pod is the primary again", 60, lambda: ask(self.member.api + "/leader")[0] == 200)

    def system_identifier(self):
        text = subprocess.run([os.path.join(self.new_bin, "pg_controldata"), self.member.data], capture_output=True, text=True, env=dict(os.environ, LC_ALL="C"), check=True).stdout
        return re.search(r"Database system identifier:\s+(\d+)", text).group(1)

    def tell_identifier(self, identifier):
        """What Patroni remembers of its cluster is the identifier of the old data; with it no member would join."""
        with open(os.environ["KUBECONFIG"]) as file:
            server = re.search(r"^\s+(?:- )?server: (\S+)", file.read(), re.MULTILINE).group(1)
        kubernetes = self.member.settings["kubernetes"]
        url = "%s/api/v1/namespaces/%s/%s/%s-config" % (server, kubernetes["namespace"], "endpoints" if kubernetes["use_endpoints"] else "configmaps", self.member.settings["scope"])
        status, answer = ask(url, "PATCH", {"metadata": {"annotations": {"initialize": identifier}}}, "application/merge-patch+json")
        if status != 200:
            raise Failure("the identifier of the new data could not be stored: %s" % answer.get("message", status))

    def upgrade_primary(self):
        self.sql("checkpoint")
        self.pause(True)
        self.stopped = True
        self.member.stop_postgres(self.old_bin)
        say("PostgreSQL %s is stopped" % self.current)
        if self.pg_upgrade("--link", "--no-sync"):
            raise Failure("pg_upgrade failed")
        # From here on there is no way back: the files of the old data belong to the new version.
        os.rename(self.member.data, self.old_data)
        os.rename(self.new_data, self.member.data)
        self.done = True
        remembered = os.path.join(self.old_data, "patroni.dynamic.json")
        if os.path.exists(remembered):
            shutil.copy2(remembered, self.member.data)
        self.member.use(self.new_bin)
        self.tell_identifier(self.system_identifier())
        self.member.restart_patroni()
        self.start_postgres()
        say("PostgreSQL %s is the primary" % self.target)

    def lead(self, replica):
        """The replica's own PostgreSQL starts the follower: there is no other way into its pod."""
        directory = self.sql("show unix_socket_directories", replica["host"])
        words = ["/usr/bin/python3", os.path.abspath(__file__), "follow", directory, self.new_bin]
        command = "setsid %s > %s/follow.log 2>&1 < /dev/null &" % (" ".join("'%s'" % w for w in words), directory)
        try:
            self.sql("copy (select) to program '%s'" % command.replace("'", "''"), replica["host"])
        except Failure as failure:
            # The follower may stop PostgreSQL before it has answered. Whether it does its work is seen next.
            say("%s: %s" % (replica["name"], failure))

    def follow_all(self):
        failed = []
        for step, what in ((self.lead, "began to follow"), (self.await_empty, "waits for its copy")):
            for replica in [r for r in self.replicas if r not in failed]:
                try:
                    step(replica)
                    say("%s %s" % (replica["name"], what))
                except Failure as failure:
                    say("%s is left behind: %s" % (replica["name"], failure))
                    failed.append(replica)
        return failed

    def await_empty(self, replica):
        url = re.sub("/[a-z]*$", "/patroni", replica["api_url"])
        until("the old data of %s is gone" % replica["name"], 120, lambda: ask(url)[1].get("role") == "uninitialized")

    def finish(self):
        for database in self.sql("select datname from pg_catalog.pg_database where datallowconn").split("\n"):
            for extension in self.sql("select pg_catalog.quote_ident(e.extname) from pg_catalog.pg_extension e join pg_catalog.pg_available_extensions a on a.name = e.extname where a.default_version <> e.extversion", database=database).split():
                say("extension %s of %s is updated" % (extension, database))
                self.sql("alter extension %s update" % extension, database=database)
        run(os.path.join(self.new_bin, "vacuumdb"), "--all", "--analyze-only", "-h", self.member.run_directory, "-p", "5432", "-U", self.user, stdout=subprocess.DEVNULL)

    def run(self):
        left = []
        try:
            self.check_cluster()
            self.make_new()
            if self.pg_upgrade("--check"):
                raise Failure("pg_upgrade --check found what cannot be upgraded")
            self.upgrade_primary()
            left = self.follow_all()
        except Failure as failure:
            say("ERROR: %s" % failure)
            if not self.done:
                self.go_back()
                return 1
            left = left or self.replicas or [failure]
        finally:
            if self.paused:
                self.pause(False)
            shutil.rmtree(self.new_data, ignore_errors=True)
        try:
            self.finish()
            for replica in [r for r in self.replicas if r not in left]:
                until("%s streams" % replica["name"], 300, lambda: self.sql("select pg_catalog.count(*) from pg_catalog.pg_stat_replication where state = 'streaming' and application_name = '%s'" % replica["name"]) == "1")
        except Failure as failure:
            say("ERROR: %s" % failure)
            return 1
        shutil.rmtree(self.old_data, ignore_errors=True)
        say("the cluster runs PostgreSQL %s%s" % (self.target, ", but not all of its replicas" if left else ""))
        return 1 if left else 0

    def go_back(self):
        if not self.stopped:
            return
        moved = os.path.join(self.member.data, "global", "pg_control.old")
        if os.path.exists(moved):
            # pg_upgrade put it aside so that nobody starts both; the new version was not started on these files.
            os.rename(moved, moved[:-4])
        self.start_postgres()
        say("PostgreSQL %s runs again" % self.current)


def follow(run_directory, bin_directory):
    member = Member(run_directory)
    old_bin = member.settings["postgresql"]["bin_dir"]
    member.use(bin_directory)
    member.stop_postgres(old_bin)
    member.restart_patroni()
    old_data = member.data + "_old"
    shutil.rmtree(old_data, ignore_errors=True)
    # An empty directory: Patroni copies the primary as soon as it is no longer paused.
    os.rename(member.data, old_data)
    shutil.rmtree(old_data, ignore_errors=True)
    return 0


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "follow":
        return follow(arguments[1], arguments[2])
    if len(arguments) != 1 or not arguments[0].isdigit():
        print(__doc__)
        return 2
    target = os.environ.get("PGVERSION", "")
    if not target.isdigit():
        say("ERROR: PGVERSION does not name a major version")
        return 2
    upgrade = Upgrade(int(arguments[0]), target)
    if int(target) <= int(upgrade.current):
        say("no upgrade is required: the data is of PostgreSQL %s" % upgrade.current)
        return 0
    if not os.path.exists(os.path.join(upgrade.new_bin, "pg_upgrade")):
        say("ERROR: there is no PostgreSQL %s" % target)
        return 1
    return upgrade.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
