<?php
// Reads and writes sessions as PHP does. Usage: php session.php HANDLER [write] < input > output, with HANDLER a value of
// session.serialize_handler.
//
// Reading: each line of the input is the Base64 of what a session handler stored, each line of the output "ok" and the
// typed tree of Fixtures/php/README.md, or "error" and PHP's warnings, with a tab between.
// Writing: each line of the input is the Base64 of PHP source that fills $_SESSION, each line of the output "ok", the
// Base64 of what PHP gives the session handler, and the typed tree of what PHP reads of that.

namespace App\Model {
    class User
    {
        public $id = 1;
        protected $name = 'Ann';
        private $secret = 's3';
        public $friend = null;
    }
}

namespace {
    ini_set('serialize_precision', '-1');
    ini_set('memory_limit', '1G');
    ini_set('session.use_cookies', '0');
    ini_set('session.use_strict_mode', '0');
    ini_set('session.cache_limiter', '');
    ini_set('session.serialize_handler', $argv[1]);

    // The classes of the captured sessions.
    class Base
    {
        private $p = 'base-private';
        protected $q = 'base-protected';
        public $r = 'base-public';
    }
    class Child extends Base
    {
        private $p = 'child-private';
        public $s = [1, 2];
    }
    class RefHolder
    {
        public $x;
        public $y;
    }
    class Magic
    {
        public $data;
        public function __serialize(): array { return ['data' => $this->data, 7 => 'seven']; }
        public function __unserialize(array $data): void { $this->data = $data['data']; }
    }
    class OldSerializable implements Serializable
    {
        public $v;
        public function serialize() { return json_encode($this->v); }
        public function unserialize($data) { $this->v = json_decode($data, true); }
    }
    enum Suit: string
    {
        case Hearts = 'H';
        case Spades = 'S';
    }

    /** A typed tree; a reference that occurs once is a plain value. */
    final class Tree
    {
        private array $references = [];
        private array $counts = [];
        private array $objects = [];
        private array $numbers = [];
        private int $depth = 0;

        public static function ofSession(): string
        {
            $root = [&$_SESSION];
            $tree = new self();
            $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;
            return json_encode($tree->numbered($tree->member($root, 0)), $flags, 100000);
        }

        private function numbered(array $node): array
        {
            if (isset($node['ref_id'])) {
                $id = $node['ref_id'];
                unset($node['ref_id']);
                if ($this->counts[$id] > 1) {
                    $this->numbers[$id] = count($this->numbers) + 1;
                    $node['ref_id'] = $this->numbers[$id];
                }
            }
            if ($node['t'] === 'ref') {
                $node['to'] = $this->numbers[$node['to']];
            }
            foreach (['e', 'p'] as $members) {
                foreach ($node[$members] ?? [] as $index => $pair) {
                    $node[$members][$index][1] = $this->numbered($pair[1]);
                }
            }
            return $node;
        }

        private function member(array &$array, $key): array
        {
            $reference = ReflectionReference::fromArrayElement($array, $key)?->getId();
            if ($reference === null) {
                return $this->node($array[$key]);
            }
            if (isset($this->references[$reference])) {
                $this->counts[$this->references[$reference]]++;
                return ['t' => 'ref', 'to' => $this->references[$reference]];
            }
            $id = count($this->references) + 1;
            $this->references[$reference] = $id;
            $this->counts[$id] = 1;
            return $this->node($array[$key]) + ['ref_id' => $id];
        }

        private function string(string $value): array
        {
            $node = ['t' => 'str', 'b64' => base64_encode($value)];
            return preg_match('//u', $value) ? $node + ['utf8' => $value] : $node;
        }

        private function node(mixed &$value): array
        {
            // An array that holds itself by value, which igbinary can be made to read, goes on for ever.
            if (++$this->depth > 5000) {
                throw new LengthException('deep');
            }
            $node = $this->nodeOf($value);
            $this->depth--;
            return $node;
        }

        private function nodeOf(mixed &$value): array
        {
            switch (gettype($value)) {
                case 'NULL': return ['t' => 'null'];
                case 'boolean': return ['t' => 'bool', 'v' => $value];
                case 'integer': return ['t' => 'int', 'v' => (string) $value];
                case 'double': return ['t' => 'float', 'bits' => bin2hex(pack('E', $value))];
                case 'string': return $this->string($value);
                case 'array':
                    $members = [];
                    foreach (array_keys($value) as $key) {
                        $name = is_int($key) ? ['i' => (string) $key] : $this->string($key);
                        $members[] = [$name, $this->member($value, $key)];
                    }
                    return ['t' => 'array', 'e' => $members];
                default: return $this->object($value);
            }
        }

        private function object(object $object): array
        {
            $handle = spl_object_id($object);
            if (isset($this->objects[$handle])) {
                return ['t' => 'object', 'same_as' => $this->objects[$handle][0]];
            }
            $id = count($this->objects) + 1;
            $this->objects[$handle] = [$id, $object];
            if ($object instanceof UnitEnum) {
                return ['t' => 'enum', 'id' => $id, 'class' => $object::class, 'case' => $object->name];
            }
            // Names that are not UTF-8 are there by their bytes as well.
            $named = static function (string $member, string $name): array {
                $node = [$member => $name];
                return preg_match('//u', $name) ? $node : $node + ["{$member}_b64" => base64_encode($name)];
            };
            $properties = (array) $object;
            $class = $object::class;
            if ($object instanceof __PHP_Incomplete_Class) {
                $class = $properties['__PHP_Incomplete_Class_Name'];
                unset($properties['__PHP_Incomplete_Class_Name']);
            }
            $members = [];
            foreach (array_keys($properties) as $key) {
                $name = $named('prop', (string) $key) + ['vis' => 'public'];
                if (preg_match('/^\0([^\0]+)\0(.*)$/s', (string) $key, $parts)) {
                    $name = $named('prop', $parts[2]) + ['vis' => $parts[1] === '*' ? 'protected' : 'private']
                        + ($parts[1] === '*' ? [] : $named('class', $parts[1]));
                }
                $members[] = [$name, $this->member($properties, $key)];
            }
            return ['t' => 'object', 'id' => $id] + $named('class', $class) + ['p' => $members];
        }
    }

    /** A store of one session. */
    final class Store implements SessionHandlerInterface
    {
        public string $data = '';
        public function open(string $path, string $name): bool { return true; }
        public function close(): bool { return true; }
        public function read(string $id): string|false { return $this->data; }
        public function write(string $id, string $data): bool { $this->data = $data; return true; }
        public function destroy(string $id): bool { return true; }
        public function gc(int $max_lifetime): int|false { return 0; }
    }

    $store = new Store();
    session_set_save_handler($store, false);
    $warnings = '';
    set_error_handler(function (int $code, string $message) use (&$warnings): bool {
        $warnings .= $message . '; ';
        return true;
    });

    /** The line that says what PHP reads in the store. */
    function answer(Store $store, string &$warnings, string $prefix = ''): string
    {
        $warnings = '';
        session_id('live');
        try {
            $isRead = session_start() && !str_contains($warnings, 'Failed to decode session object');
        } catch (Throwable $error) {
            $isRead = false;
            $warnings .= $error->getMessage();
        }
        try {
            $line = $isRead ? "ok\t$prefix" . Tree::ofSession() : "error\t" . strtr($warnings, "\n\t", '  ');
        } catch (LengthException) {
            $line = 'endless';
        }
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_abort();
        }
        $_SESSION = [];
        return $line;
    }

    /** Has PHP store a session of its own. */
    function store(Store $store, string $source): void
    {
        $store->data = '';
        session_id('live');
        session_start();
        (static function () use ($source): void { eval($source); })();
        session_write_close();
        $_SESSION = [];
    }

    while (($line = fgets(STDIN)) !== false) {
        $input = base64_decode(trim($line));
        if (($argv[2] ?? '') === 'write') {
            store($store, $input);
            echo answer($store, $warnings, base64_encode($store->data) . "\t"), "\n";
        } else {
            $store->data = $input;
            echo answer($store, $warnings), "\n";
        }
    }
}
